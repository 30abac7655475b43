import { runService } from '#libs/runtime/run-service';
import { couponEnv } from './coupon.env.ts';
import { CouponModule } from './coupon.module.ts';

await runService('coupon', CouponModule, couponEnv);
