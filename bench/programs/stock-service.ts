/**
 * `node dist/bench/programs/stock-service.js <redis port> [checked]`: the echo behind Nest's own Redis transport, as its documentation shows
 * it. `checked`: a pipe validates the input by the same rules as ours.
 */
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, type MicroserviceOptions, Payload, Transport } from '@nestjs/microservices';
import { NewProduct } from '#libs/contracts/product/admin';
import type { ProductDetail } from '#libs/contracts/product/views';
import { readInput } from '#libs/contracts/shape';
import { echoed } from './echo.ts';

const [, , port, checked] = process.argv;
/** Both kinds run side by side on one Redis, which gives a message to every subscriber of its pattern. */
const pattern = checked === undefined ? 'product.create' : 'product.create.checked';

/** Nest's ValidationPipe makes no instances of nested classes without class-transformer's decorators, which the contracts do without. */
const pipe = { transform: (value: unknown): unknown => readInput(NewProduct, value) };

@Controller()
class StockHandlers {
  @MessagePattern(pattern)
  create(@Payload() input: NewProduct): ProductDetail {
    return echoed(input);
  }
}

@Module({ controllers: [StockHandlers] })
class StockServiceModule {}

const app = await NestFactory.createMicroservice<MicroserviceOptions>(StockServiceModule, {
  transport: Transport.REDIS,
  options: { host: '127.0.0.1', port: Number(port) },
  logger: false,
});
if (checked !== undefined) app.useGlobalPipes(pipe);
await app.listen();
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
process.send?.({ ready: true });
