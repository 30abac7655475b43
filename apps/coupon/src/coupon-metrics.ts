import { Counter } from 'prom-client';
import { metrics } from '#libs/observability/metrics';

export const holdOutcomes = new Counter({
  name: 'only2u_coupon_holds_total',
  help: 'What became of the coupons of orders: held, refused, redeemed, released',
  labelNames: ['outcome'],
  registers: [metrics],
});
for (const outcome of ['held', 'refused', 'redeemed', 'released']) holdOutcomes.inc({ outcome }, 0);
