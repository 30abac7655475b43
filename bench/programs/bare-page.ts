/** `node dist/bench/programs/bare-page.js <file>`: a bare Nest + Fastify route that returns the file's bytes as JSON. Reports its port over IPC. */
import { readFileSync } from 'node:fs';
import { Controller, Get, Header, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';

const bytes = readFileSync(process.argv[2] ?? '');

@Controller('page')
class PageRoutes {
  @Get()
  @Header('content-type', 'application/json; charset=utf-8')
  page(): Buffer {
    return bytes;
  }
}

@Module({ controllers: [PageRoutes] })
class PageModule {}

const app = await NestFactory.create<NestFastifyApplication>(PageModule, new FastifyAdapter(), { logger: false });
await app.listen(0, '127.0.0.1');
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
process.send?.({ ready: true, url: await app.getUrl() });
