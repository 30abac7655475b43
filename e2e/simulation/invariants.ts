import type { Shelf } from './customers.ts';
import { wrongRewards } from './friends.ts';
import { wrongReviews } from './opinions.ts';
import { type Told, wronglyTold } from './told.ts';
import { wrongWishes } from './wishing.ts';
import type { World } from './world.ts';

interface OrderFacts {
  id: string;
  user_id: string;
  number: string;
  status: string;
  payment_status: string;
  payment_method: string;
  total: string;
  subtotal: string;
  discount: string;
  shipping_fee: string;
  cod_fee: string;
  received: string;
  refunded: string;
  refund_requested: string;
  uses_coupons: boolean;
  coupon_code: string | null;
  provider_order_id: string | null;
  step: string;
  timeline: readonly { readonly status: string }[];
}
interface ItemFacts {
  order_id: string;
  product_id: string;
  variant_id: string;
  quantity: number;
  cancelled_quantity: number;
  returned_quantity: number;
  unit_price: string;
  discount: string;
  total: string;
}

const SOLD = new Set([
  'confirmed',
  'packed',
  'shipped',
  'out_for_delivery',
  'delivered',
  'return_requested',
  'returned',
  'cancelled',
  'returned_to_origin',
]);

/** Everything that is wrong with a system at rest, in words; nothing when all sums are right. */
export async function violationsOf(world: World, shelf: Shelf): Promise<string[]> {
  const variantIds = shelf.variants.map(({ id }) => id);
  const items = await world.rows<ItemFacts>('order', 'SELECT * FROM order_items WHERE variant_id = ANY($1::uuid[])', [variantIds]);
  const orders = await world.rows<OrderFacts>(
    'order',
    'SELECT o.*, c.step FROM orders o JOIN checkouts c ON c.order_id = o.id WHERE o.id = ANY($1::uuid[])',
    [[...new Set(items.map(({ order_id }) => order_id))]],
  );
  return [
    ...(await stock(world, shelf, orders, items)),
    ...(await money(world, orders)),
    ...(await coupons(world, shelf, orders)),
    ...sums(orders, items),
    ...(await documents(world, orders)),
    ...(await messages(world, orders)),
    ...(await reviews(world, orders, items)),
    ...(await wrongWishes(world)),
    ...(await wrongRewards(world)),
  ];
}

/** An order that took its units for good: it was confirmed at some time. */
const isSold = (order: OrderFacts): boolean =>
  SOLD.has(order.status) && (order.status !== 'cancelled' || Number(order.received) > 0 || order.payment_method === 'cod');

async function stock(world: World, shelf: Shelf, orders: OrderFacts[], items: ItemFacts[]): Promise<string[]> {
  const rows = await world.rows<{ variant_id: string; on_hand: number; reserved: number }>(
    'product',
    'SELECT variant_id, on_hand, reserved FROM stock WHERE variant_id = ANY($1::uuid[])',
    [shelf.variants.map(({ id }) => id)],
  );
  const sold = new Map(orders.map((order) => [order.id, isSold(order)]));
  return shelf.variants.flatMap(({ id, onHand }) => {
    const row = rows.find(({ variant_id }) => variant_id === id);
    const out = items
      .filter(({ variant_id, order_id }) => variant_id === id && sold.get(order_id) === true)
      .reduce((sum, item) => sum + item.quantity - item.cancelled_quantity - item.returned_quantity, 0);
    const problems: string[] = [];
    if (row === undefined) return [`stock of ${id} is gone`];
    if (Number(row.reserved) !== 0) problems.push(`${row.reserved} of ${id} are still reserved`);
    if (Number(row.on_hand) < 0) problems.push(`${row.on_hand} of ${id} on hand`);
    if (Number(row.on_hand) + out !== onHand) problems.push(`${onHand} of ${id} at first, ${row.on_hand} on hand and ${out} sold now`);
    return problems;
  });
}

/** What Razorpay has, less what went back, is what the orders say they kept. */
async function money(world: World, orders: OrderFacts[]): Promise<string[]> {
  const ledger = world.razorpay.ledger();
  const problems: string[] = [];
  for (const order of orders) {
    const opened = await world.rows<{ razorpay_order_id: string | null }>(
      'payment',
      'SELECT razorpay_order_id FROM payment_orders WHERE order_id = $1',
      [order.id],
    );
    const razorpayOrder = opened[0]?.razorpay_order_id;
    const payments = ledger.payments.filter(({ order_id }) => order_id === razorpayOrder);
    const captured = payments.filter(({ captured: isCaptured }) => isCaptured);
    const refundsOf = (paymentId: string): number =>
      ledger.refunds
        .filter(({ payment_id, status }) => payment_id === paymentId && status !== 'failed')
        .reduce((sum, { amount }) => sum + amount, 0);
    const kept = captured.reduce((sum, { id, amount }) => sum + amount - refundsOf(id), 0);
    const [received, refunded, requested, total] = [order.received, order.refunded, order.refund_requested, order.total].map(Number) as [
      number,
      number,
      number,
      number,
    ];
    if (order.payment_method === 'razorpay' && kept !== received - refunded)
      problems.push(`${order.number} (${order.status}): Razorpay keeps ${kept}, the order says ${received} − ${refunded}`);
    if (refunded !== requested && order.payment_method === 'razorpay')
      problems.push(`${order.number}: ${requested} to go back, ${refunded} went`);
    if (refunded > received) problems.push(`${order.number}: ${refunded} refunded of ${received}`);
    if (captured.some(({ id, amount }) => refundsOf(id) > amount)) problems.push(`${order.number}: more refunded than captured`);
    if (order.status === 'expired' && received !== 0) problems.push(`${order.number}: expired with ${received} paise`);
    if (order.payment_method === 'razorpay' && isSold(order) && total > 0 && received !== total)
      problems.push(`${order.number}: ${order.status} with ${received} of ${total}`);
    const expected = received === 0 ? undefined : requested === 0 ? 'paid' : requested >= received ? 'refunded' : 'partially_refunded';
    if (expected !== undefined && order.payment_status !== expected)
      problems.push(`${order.number}: is ${order.payment_status}, should be ${expected}`);
  }
  return problems;
}

async function coupons(world: World, { coupon }: Shelf, orders: OrderFacts[]): Promise<string[]> {
  const row = (
    await world.rows<{ uses: string; spent: string }>('coupon', 'SELECT uses, spent FROM coupons WHERE id = $1', [coupon.id])
  )[0];
  const uses = Number(row?.uses);
  const using = orders.filter((order) => order.uses_coupons && !isVoid(order));
  const discount = using.reduce((sum, order) => sum + Number(order.discount), 0);
  return [
    ...(uses > coupon.limit ? [`the coupon was used ${uses} times of ${coupon.limit}`] : []),
    ...(uses === using.length
      ? []
      : [
          `the coupon counts ${uses} uses, ${using.length} orders use it: ${using.map(({ number, status }) => `${number} ${status}`).join(', ')}`,
        ]),
    ...(coupon.budget !== undefined && Number(row?.spent) > coupon.budget ? [`${row?.spent} of ${coupon.budget} paise spent`] : []),
    // A remainder below a rupee is waived on top of what the coupon gave.
    ...(Math.abs(Number(row?.spent) - discount) > 99 * using.length
      ? [`the coupon spent ${row?.spent}, its orders were discounted by ${discount}`]
      : []),
  ];
}

/** Its coupon use went back: it never was sold, or all of it or of its money went back. */
const isVoid = (order: OrderFacts): boolean =>
  ['refused', 'placing', 'expired', 'cancelled'].includes(order.status) ||
  // A cash order that was not taken at the door gives its coupon's use back.
  (order.status === 'returned_to_origin' && order.payment_method === 'cod') ||
  (Number(order.received) > 0 && Number(order.refund_requested) >= Number(order.received));

function sums(orders: OrderFacts[], items: ItemFacts[]): string[] {
  const problems: string[] = [];
  for (const order of orders) {
    const own = items.filter(({ order_id }) => order_id === order.id);
    const goods = own.reduce((sum, { total }) => sum + Number(total), 0);
    if (goods + Number(order.shipping_fee) + Number(order.cod_fee) !== Number(order.total))
      problems.push(`${order.number}: lines and fees are not its total`);
    if (own.reduce((sum, { discount }) => sum + Number(discount), 0) !== Number(order.discount))
      problems.push(`${order.number}: discounts of lines are not its discount`);
    if (order.step !== 'done') problems.push(`${order.number} (${order.status}) stopped at ${order.step}`);
    if (order.status === 'placing') problems.push(`${order.number} was never placed`);
  }
  return problems;
}

/** An invoice for each order that was sold, and numbers without gaps over all of them. */
async function documents(world: World, orders: OrderFacts[]): Promise<string[]> {
  const problems: string[] = [];
  for (const table of ['invoices', 'credit_notes']) {
    const rows = await world.rows<{ number: string }>('order', `SELECT number FROM ${table}`);
    const counted = rows.map(({ number }) => Number(number.split('/').at(-1))).sort((left, right) => left - right);
    if (counted.some((number, index) => number !== index + 1)) problems.push(`${table} have gaps: ${counted.join(' ')}`);
  }
  const invoiced = await world.rows<{ order_id: string }>('order', 'SELECT order_id FROM invoices WHERE order_id = ANY($1::uuid[])', [
    orders.map(({ id }) => id),
  ]);
  for (const order of orders) {
    const has = invoiced.some(({ order_id }) => order_id === order.id);
    if (isSold(order) && !has) problems.push(`${order.number} (${order.status}) has no invoice`);
    if (!isSold(order) && has) problems.push(`${order.number} (${order.status}) has an invoice`);
  }
  return problems;
}

/** Delivered once is bought for good, whatever came back later. */
async function reviews(world: World, orders: OrderFacts[], items: ItemFacts[]): Promise<string[]> {
  const delivered = new Map(
    orders.filter(({ timeline }) => timeline.some(({ status }) => status === 'delivered')).map((one) => [one.id, one]),
  );
  const bought = items.flatMap(({ order_id, product_id, quantity, cancelled_quantity }) => {
    const order = delivered.get(order_id);
    return order === undefined || quantity === cancelled_quantity ? [] : [{ user_id: order.user_id, product_id }];
  });
  return wrongReviews(world, bought, [...new Set(items.map(({ product_id }) => product_id))]);
}

/** What left and what stands in lists, once for each cause. A late payment's order is told in other words. */
async function messages(world: World, orders: OrderFacts[]): Promise<string[]> {
  const told = await world.rows<Told>(
    'notification',
    `SELECT user_id, template, data ->> 'orderId' AS order_id FROM notifications WHERE data ->> 'orderId' = ANY($1::text[])`,
    [orders.map(({ id }) => id)],
  );
  const known = orders.map(({ id, number, timeline }) => {
    const statuses = timeline.map(({ status }) => status);
    return { id, number, isConfirmed: statuses.includes('confirmed') && !statuses.includes('expired') };
  });
  return wronglyTold(known, world.providers.taken.splice(0), told);
}
