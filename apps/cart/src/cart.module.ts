import { Module } from '@nestjs/common';
import { cartApi } from '#libs/contracts/cart';
import { orderApi } from '#libs/contracts/order';
import { productApi } from '#libs/contracts/product';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/cart.migrations.ts';
import { cartEnv } from './cart.env.ts';
import { CartHandlers } from './cart.handlers.ts';
import { CartReactions } from './cart.reactions.ts';
import { CartRepository } from './cart.repository.ts';
import { CartStore } from './cart.store.ts';
import { WriteBehind } from './write-behind.ts';

@Module({
  imports: [ServiceModule.for({ contract: cartApi, peers: [productApi], migrations })],
  controllers: [...handlersOf(cartApi, [CartHandlers]), ...reactionsOf('cart', [orderApi], CartReactions, 'own')],
  providers: [provideEnvironment(cartEnv), CartRepository, CartStore, WriteBehind],
})
export class CartModule {}
