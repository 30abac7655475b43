/**
 * `node dist/libs/testing/bench-stock-service.js <redis port> [checked]`: the echo behind Nest's own Redis transport, as its documentation shows
 * it. `checked`: a pipe validates the input by the same rules as ours.
 */
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, type MicroserviceOptions, Payload, Transport } from '@nestjs/microservices';
import { NewProduct, type ProductDetail } from '#libs/contracts/product';
import { readInput } from '#libs/contracts/shape';
import { echoed } from './bench-echo.ts';

/** Nest's ValidationPipe makes no instances of nested classes without class-transformer's decorators, which the contracts do without. */
const pipe = { transform: (value: unknown): unknown => readInput(NewProduct, value) };

@Controller()
class StockHandlers {
  @MessagePattern('product.create')
  create(@Payload() input: NewProduct): ProductDetail {
    return echoed(input);
  }
}

@Module({ controllers: [StockHandlers] })
class StockServiceModule {}

const app = await NestFactory.createMicroservice<MicroserviceOptions>(StockServiceModule, {
  transport: Transport.REDIS,
  options: { host: '127.0.0.1', port: Number(process.argv[2]) },
  logger: false,
});
if (process.argv[3] === 'checked') app.useGlobalPipes(pipe);
await app.listen();
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
process.send?.({ ready: true });
