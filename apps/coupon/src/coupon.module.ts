import { Module } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { cartApi } from '#libs/contracts/cart/api';
import { couponApi } from '#libs/contracts/coupon/api';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/coupon.migrations.ts';
import { retention } from '../migrations/coupon.retention.ts';
import { BulkHandlers } from './bulk.handlers.ts';
import { BulkRepository } from './bulk.repository.ts';
import { BulkWorker } from './bulk-worker.ts';
import { couponEnv } from './coupon.env.ts';
import { CouponHandlers } from './coupon.handlers.ts';
import { CouponReactions } from './coupon.reactions.ts';
import { CouponRepository } from './coupon.repository.ts';
import { CouponJudge } from './coupon-judge.ts';
import { CouponRetentionRepository } from './coupon-retention.repository.ts';
import { ExportHandlers } from './export.handlers.ts';
import { HoldHandlers } from './hold.handlers.ts';
import { HoldRepository } from './hold.repository.ts';
import { IssuingHandlers } from './issuing.handlers.ts';

@Module({
  imports: [ServiceModule.for({ contract: couponApi, peers: [cartApi, productApi], migrations, retention, bytes: BulkHandlers })],
  controllers: [
    ...handlersOf(couponApi, [CouponHandlers, HoldHandlers, IssuingHandlers, BulkHandlers, ExportHandlers]),
    ...reactionsOf('coupon', [orderApi, authApi], CouponReactions),
  ],
  providers: [
    provideEnvironment(couponEnv),
    CouponRepository,
    CouponJudge,
    HoldRepository,
    BulkRepository,
    BulkWorker,
    CouponRetentionRepository,
  ],
})
export class CouponModule {}
