import { Counter } from 'prom-client';
import { PAYMENT_METHODS } from '#libs/contracts/order/views';
import { metrics } from '#libs/observability/metrics';

const labelNames = ['payment_method'] as const;
const registers = [metrics];

export const ordersPlaced = new Counter({
  name: 'only2u_orders_placed_total',
  help: 'Orders that hold their stock and wait for payment, or are confirmed at once',
  labelNames,
  registers,
});
export const ordersConfirmed = new Counter({
  name: 'only2u_orders_confirmed_total',
  help: 'Orders whose stock is sold',
  labelNames,
  registers,
});
export const ordersExpired = new Counter({
  name: 'only2u_orders_expired_total',
  help: 'Orders that were not paid in time, or whose stock was gone when the payment came',
  labelNames,
  registers,
});
export const paiseSold = new Counter({
  name: 'only2u_orders_sold_paise_total',
  help: 'Totals of confirmed orders in paise, fees included',
  labelNames,
  registers,
});

// A rate needs a first value: an order after the start would else be no rise.
for (const counter of [ordersPlaced, ordersConfirmed, ordersExpired, paiseSold])
  for (const payment_method of PAYMENT_METHODS) counter.inc({ payment_method }, 0);
