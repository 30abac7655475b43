/**
 * `node dist/bench/programs/bus-service.js`: stands in for the product service on our bus and answers `product.create` by echo. Identity,
 * validation of input and output, deadlines and message authentication are those of every service; only a database is missing.
 * Needs BUS_SECRET and REDIS_URL.
 */
import { Controller, Module } from '@nestjs/common';
import { ModuleRef, NestFactory } from '@nestjs/core';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Access } from '#libs/auth/access';
import { AccessTokens } from '#libs/auth/access-token';
import { Revocations } from '#libs/auth/revocations';
import type { Call } from '#libs/contracts/call';
import type { NewProduct } from '#libs/contracts/product/admin';
import { productApi } from '#libs/contracts/product/api';
import type { ProductDetail } from '#libs/contracts/product/views';
import { BusClient } from '#libs/messaging/bus-client';
import { BusServer } from '#libs/messaging/bus-server';
import type { Logger } from '#libs/observability/logger';
import { CoreModule, LOGGER } from '#libs/runtime/core.module';
import { type HandlerExtras, handlerAt } from '#libs/runtime/handlers';
import { Serving } from '#libs/runtime/serving';
import { echoed } from './echo.ts';

const { create } = productApi.operations;

@Controller()
class EchoHandlers {
  @MessagePattern(create.key, { operation: create, handler: EchoHandlers, method: 'create' } satisfies HandlerExtras)
  async create(@Payload() input: NewProduct, @Ctx() _call: Call): Promise<ProductDetail> {
    return echoed(input);
  }
}

@Module({
  imports: [CoreModule.for('product')],
  controllers: [EchoHandlers],
  providers: [
    { provide: Serving, inject: [Access], useFactory: (access: Access) => new Serving(access, undefined) },
    {
      provide: BusServer,
      inject: [BusClient, LOGGER, Serving, ModuleRef],
      useFactory: (bus: BusClient, logger: Logger, serving: Serving, module: ModuleRef) =>
        new BusServer({
          bus,
          logger,
          routeFor: (_pattern, extras) => serving.routeFor(extras as HandlerExtras, handlerAt(extras as HandlerExtras, module)),
        }),
    },
  ],
})
class EchoModule {}

const app = await NestFactory.create<NestFastifyApplication>(EchoModule, new FastifyAdapter(), { logger: false, abortOnError: false });
app.connectMicroservice({ strategy: app.get(BusServer) }, { inheritAppConfig: true });
await app.startAllMicroservices();
await app.init();
await Promise.all([app.get(AccessTokens).read(), app.get(Revocations).read()]);
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
process.send?.({ ready: true });
