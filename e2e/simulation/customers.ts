import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { couponApi } from '#libs/contracts/coupon/api';
import { Refusal } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { Order, OrderStatus } from '#libs/contracts/order/views';
import { paymentApi } from '#libs/contracts/payment/api';
import { productApi } from '#libs/contracts/product/api';
import type { Chance } from './chance.ts';
import { join, referrerOf } from './friends.ts';
import { opine } from './opinions.ts';
import { wish } from './wishing.ts';
import { ADMIN, type World } from './world.ts';

const ADDRESSES = [
  { state: 'Karnataka', city: 'Bengaluru', pincode: '560038' },
  { state: 'Maharashtra', city: 'Pune', pincode: '411001' },
].map((place) => ({ name: 'Meera Iyer', phone: '+919876543210', line1: '14, 3rd Cross', country: 'IN', ...place }));

export interface Shelf {
  readonly productId: string;
  readonly variants: readonly { readonly id: string; readonly onHand: number }[];
  /** Of somebody who brings friends. */
  readonly friendsCode: string | undefined;
  readonly coupon: { readonly id: string; readonly code: string; readonly limit: number; readonly budget: number | undefined };
}

/** A product with few units and a coupon with few uses, so that customers are in each other's way. */
export async function stockShelf(world: World, chance: Chance, categoryId: string): Promise<Shelf> {
  const admin = () => ({ token: ADMIN, key: randomUUID() });
  const product = await world.request(
    productApi.operations.create,
    {
      name: 'Kurta',
      description: '',
      brand: 'Aaranya',
      categoryId,
      images: [],
      attributes: {},
      hsn: '6211',
      variants: ['S', 'M', 'L'].map((size) => {
        const price = chance.pick([100, 4_999, 49_900, 129_900, 262_500, 399_999]);
        return { size, color: 'Indigo', price, mrp: price };
      }),
    },
    admin(),
  );
  const variants = [];
  for (const { id } of product.variants) {
    const onHand = chance.between(1, 5);
    await world.request(productApi.operations.setStock, { id: product.id, variantId: id, onHand }, admin());
    variants.push({ id, onHand });
  }
  const limit = chance.between(1, 3);
  const budget = chance.happens(0.4) ? chance.between(1_000, 60_000) : undefined;
  const now = Date.now();
  const coupon = await world.request(
    couponApi.operations.create,
    {
      kind: chance.pick(['percent', 'fixed'] as const),
      value: chance.between(1, 100),
      usageLimit: limit,
      ...(budget === undefined ? {} : { budget }),
      startsAt: new Date(now - 60_000).toISOString(),
      endsAt: new Date(now + 3_600_000).toISOString(),
    },
    admin(),
  );
  return {
    productId: product.id,
    variants,
    friendsCode: await referrerOf(world),
    coupon: { id: coupon.id, code: coupon.code, limit, budget },
  };
}

/** Somebody who orders, mostly pays, and sometimes changes his mind; everything he does may be cut off and is then repeated. */
export async function customer(world: World, shelf: Shelf, chance: Chance): Promise<string | undefined> {
  const token = `customer:${uuidv7()}`;
  const caller = () => ({ token, key: randomUUID() });
  const wishing = chance.happens(0.3) ? wish(world, shelf, token, chance.split()) : undefined;
  const joining = invite(world, shelf, token, chance.split());
  const paymentMethod = chance.happens(0.3) ? 'cod' : 'razorpay';
  const placed = await world.insist(
    orderApi.operations.place,
    {
      shippingAddress: chance.pick(ADDRESSES),
      paymentMethod,
      items: chance
        .shuffled(shelf.variants)
        .slice(0, chance.between(1, 2))
        .map(({ id }) => ({ variantId: id, quantity: chance.between(1, 2) })),
      ...(chance.happens(0.6) ? { couponCode: shelf.coupon.code } : {}),
    },
    caller(),
  );
  await wishing;
  const isFriend = await joining;
  if (placed instanceof Refusal) return undefined;
  const mind = chance.split();
  if (placed.paymentStatus === 'unpaid') {
    await Promise.all([pay(world, placed, token, chance.split()), ...(mind.happens(0.15) ? [cancel(world, placed, token, mind)] : [])]);
  }
  const afterwards: Promise<unknown>[] = [];
  for (let times = mind.between(0, 2); times > 0; times -= 1) afterwards.push(changeMind(world, placed, token, mind.split()));
  if (mind.happens(isFriend ? 0.9 : 0.5)) afterwards.push(handle(world, placed, token, isFriend ? [DELIVERED] : ROUTES, mind.split()));
  if (mind.happens(0.5)) afterwards.push(opine(world, placed, token, mind.split()));
  await Promise.all(afterwards);
  return placed.id;
}

/** Many come by a friend's code, some of them while they order. */
async function invite(world: World, { friendsCode }: Shelf, token: string, chance: Chance): Promise<boolean> {
  if (friendsCode === undefined || !chance.happens(0.6)) return false;
  await join(world, friendsCode, token, chance);
  return true;
}

/** Pays in Razorpay's checkout; the shop hears of it by webhook, by verify, by both in any order, or only when it asks. */
async function pay(world: World, order: Order, token: string, chance: Chance): Promise<void> {
  const opened = await world.insist(paymentApi.operations.createOrder, { orderId: order.id }, { token, key: randomUUID() });
  if (opened instanceof Refusal || chance.happens(0.1)) return;
  const { controls } = world.razorpay;
  const mode = chance.pick(['auto', 'auto', 'auto', 'late', 'mismatch'] as const);
  const paid = controls.pay({
    orderId: opened.razorpayOrderId,
    ...(mode === 'late' ? { mode: 'late', lateAfterMs: null } : {}),
    ...(mode === 'mismatch' ? { amount: opened.amount + 100 } : {}),
  });
  if (mode === 'late') controls.authoriseLate(paid.paymentId);
  const deliveries = controls.events({ about: paid.paymentId }).flatMap(({ id }) => Array.from({ length: chance.between(0, 2) }, () => id));
  const signals = [
    ...deliveries.map((id) => () => controls.deliver(id)),
    ...Array.from(
      { length: chance.between(0, 2) },
      () => () =>
        world.insist(
          paymentApi.operations.verify,
          {
            orderId: order.id,
            razorpayOrderId: opened.razorpayOrderId,
            razorpayPaymentId: paid.paymentId,
            razorpaySignature: paid.signature,
          },
          { token },
        ),
    ),
  ];
  const atOnce = chance.happens(0.5);
  const running: Promise<unknown>[] = [];
  for (const signal of chance.shuffled<() => Promise<unknown>>(signals)) {
    const run = signal();
    if (atOnce) running.push(run);
    else await run;
  }
  await Promise.all(running);
}

const someItems = (order: Order, chance: Chance) => [{ itemId: chance.pick(order.items).id, quantity: 1 }];

async function cancel(world: World, order: Order, token: string, chance: Chance): Promise<void> {
  const whole = chance.happens(0.5);
  const input = { id: order.id, reason: 'too late', ...(whole ? {} : { items: someItems(order, chance) }) };
  const key = randomUUID();
  await Promise.all(Array.from({ length: chance.between(1, 3) }, () => world.insist(orderApi.operations.cancel, input, { token, key })));
}

async function changeMind(world: World, order: Order, token: string, chance: Chance): Promise<void> {
  await sleep(chance.between(0, 30));
  if (chance.happens(0.6)) return cancel(world, order, token, chance);
  const byStaff = chance.happens(0.5);
  await world.insist(
    paymentApi.operations.refund,
    {
      orderId: order.id,
      reason: 'changed my mind',
      ...(byStaff ? { amount: chance.between(1, 20_000) } : chance.happens(0.5) ? { items: someItems(order, chance) } : {}),
    },
    { token: byStaff ? ADMIN : token, key: randomUUID() },
  );
}

type Route = readonly OrderStatus[];
const DELIVERED: Route = ['packed', 'shipped', 'out_for_delivery', 'delivered'];
const ROUTES: readonly Route[] = [['packed'], DELIVERED, ['packed', 'shipped', 'out_for_delivery', 'returned_to_origin']];

/** Staff packs, ships and delivers; what was delivered may come back. */
async function handle(world: World, order: Order, token: string, routes: readonly Route[], chance: Chance): Promise<void> {
  const setStatus = (status: OrderStatus) =>
    world.insist(orderApi.operations.setStatus, { id: order.id, status }, { token: ADMIN, key: randomUUID() });
  const route = chance.pick(routes);
  for (const status of route) if ((await setStatus(status)) instanceof Refusal) return;
  if (route.at(-1) !== 'delivered' || chance.happens(0.4)) return;
  const all = order.items.map(({ id: itemId, quantity }) => ({ itemId, quantity }));
  const items = (chance.happens(0.4) ? all : someItems(order, chance)).map((item) => ({ ...item, reason: 'does not fit' }));
  const asked = await world.insist(orderApi.operations.requestReturn, { id: order.id, items }, { token, key: randomUUID() });
  if (asked instanceof Refusal || (await setStatus(chance.happens(0.7) ? 'returned' : 'delivered')) instanceof Refusal) return;
  if (order.paymentMethod === 'cod' && chance.happens(0.7)) await payOut(world, order);
}

/** Cash goes back by hand; what payment has not heard of yet stays owed. */
async function payOut(world: World, order: Order): Promise<void> {
  const payments = await world.insist(paymentApi.operations.ofOrder, { orderId: order.id }, { token: ADMIN });
  if (payments instanceof Refusal) return;
  for (const { id, status } of payments.refunds)
    if (status === 'pending') await world.insist(paymentApi.operations.settleRefund, { id }, { token: ADMIN, key: randomUUID() });
}
