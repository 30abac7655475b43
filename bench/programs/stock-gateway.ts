/**
 * `node dist/bench/programs/stock-gateway.js <redis port> [public key]`: a bare Nest + Fastify route that sends its body over Nest's own Redis transport and
 * answers with what comes back: no validation, no limits, and no identity unless a key (PEM, ES256) is given. Reports its address over IPC.
 */
import { Body, type CanActivate, Controller, type ExecutionContext, Inject, Module, Post, UnauthorizedException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxy, ClientsModule, Transport } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import jsonwebtoken from 'jsonwebtoken';
import { firstValueFrom } from 'rxjs';
import type { NewProduct } from '#libs/contracts/product/admin';
import type { ProductDetail } from '#libs/contracts/product/views';

const CLIENT = 'STOCK';
const [, , port, publicKey] = process.argv;
/** As in stock-service.ts. */
const pattern = publicKey === undefined ? 'product.create' : 'product.create.checked';

/** The guard of Nest's chapter on authentication: the token is verified at every request. */
class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { authorization } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    try {
      jsonwebtoken.verify(authorization?.split(' ')[1] ?? '', publicKey ?? '', { algorithms: ['ES256'] });
    } catch {
      throw new UnauthorizedException();
    }
    return true;
  }
}

@Controller('api/products')
class StockRoutes {
  constructor(@Inject(CLIENT) private readonly client: ClientProxy) {}

  @Post()
  create(@Body() body: NewProduct): Promise<ProductDetail> {
    return firstValueFrom(this.client.send<ProductDetail>(pattern, body));
  }
}

@Module({
  imports: [ClientsModule.register([{ name: CLIENT, transport: Transport.REDIS, options: { host: '127.0.0.1', port: Number(port) } }])],
  controllers: [StockRoutes],
})
class StockGatewayModule {}

const app = await NestFactory.create<NestFastifyApplication>(StockGatewayModule, new FastifyAdapter(), { logger: false });
if (publicKey !== undefined) app.useGlobalGuards(new TokenGuard());
await app.listen(0, '127.0.0.1');
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
process.send?.({ ready: true, url: await app.getUrl() });
