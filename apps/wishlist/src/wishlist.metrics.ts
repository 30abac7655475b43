import { Counter } from 'prom-client';
import { ALERT_KINDS } from '#libs/contracts/wishlist/views';
import { metrics } from '#libs/observability/metrics';

export const alertsTold = new Counter({
  name: 'only2u_wishlist_alerts_told_total',
  help: 'Alerts whose wait is over',
  labelNames: ['kind'],
  registers: [metrics],
});
for (const kind of ALERT_KINDS) alertsTold.inc({ kind }, 0);

export const cartMoves = new Counter({
  name: 'only2u_wishlist_cart_moves_total',
  help: 'Entries on their way to the cart: moved, refused by the cart, or resumed after a crash',
  labelNames: ['outcome'],
  registers: [metrics],
});
for (const outcome of ['moved', 'refused', 'resumed']) cartMoves.inc({ outcome }, 0);
