import { Module } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { cartApi } from '#libs/contracts/cart/api';
import { couponApi } from '#libs/contracts/coupon/api';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import { DiscountSource } from '#libs/pricing/discount-source';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/cart.migrations.ts';
import { retention } from '../migrations/cart.retention.ts';
import { AbandonmentRepository } from './abandonment.repository.ts';
import { Abandonment } from './abandonment.ts';
import { Additions } from './additions.ts';
import { cartEnv } from './cart.env.ts';
import { CartHandlers } from './cart.handlers.ts';
import { CartReactions } from './cart.reactions.ts';
import { CartRepository } from './cart.repository.ts';
import { CartChanges } from './cart-changes.ts';
import { CartEvents } from './cart-events.ts';
import { CartPricing } from './cart-pricing.ts';
import { CartStore } from './cart-store.ts';
import { ExportHandlers } from './export.handlers.ts';
import { GuestHandlers } from './guest.handlers.ts';
import { RecentQuotes } from './recent-quotes.ts';
import { WriteBehind } from './write-behind.ts';

@Module({
  imports: [ServiceModule.for({ contract: cartApi, peers: [productApi, couponApi], migrations, retention })],
  controllers: [
    ...handlersOf(cartApi, [CartHandlers, GuestHandlers, ExportHandlers]),
    ...reactionsOf('cart', [orderApi, authApi], CartReactions, 'own'),
  ],
  providers: [
    provideEnvironment(cartEnv),
    CartRepository,
    CartStore,
    WriteBehind,
    DiscountSource,
    RecentQuotes,
    CartPricing,
    Additions,
    CartChanges,
    CartEvents,
    AbandonmentRepository,
    Abandonment,
  ],
})
export class CartModule {}
