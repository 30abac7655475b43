import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cost, costOf, inTurn, median, medianBy, medianTotal } from '../load.ts';
import { profiled } from '../profiler.ts';
import { type Findings, ms, type Setting } from '../scenario.ts';
import { type Customer, type Shop, taken, type Variant } from '../shop.ts';

const ADDRESS = {
  name: 'Bench Customer',
  phone: '+919876543210',
  line1: '14, 3rd Cross, Indiranagar',
  city: 'Bengaluru',
  state: 'Karnataka',
  pincode: '560038',
  country: 'IN',
} as const;
/** Each buys at most once a round: his cart is emptied by an event, which a second order at once could overtake. */
const CUSTOMERS = 120;
const IN_FLIGHT = [1, 8, 32] as const;
/** The goal is judged here; the others are shown. */
const JUDGED = 8;
/** For webhooks and events that follow the last order. */
const SETTLE_MS = 1_000;
const LIMIT_MS = 14;
const CONFIRMED_WITHIN_MS = 15_000;

/** From the cart to the paid order, as a signed-in customer's browser does it. */
export async function checkout(setting: Setting, shop: Shop): Promise<Findings> {
  const customers = await shop.customers(setting.quick ? CUSTOMERS / 2 : CUSTOMERS);
  const variants = await shop.variants(48);
  const early: { customer: Customer; id: string }[] = [];
  let bought = 0;
  let late = 0;
  const run = async (count: number, inFlight: number): Promise<number> => {
    await inTurn(count, inFlight, async (index) => {
      const customer = customers[index]!;
      const id = await buy(shop, customer, variants[index % variants.length]!);
      if (id !== undefined) early.push({ customer, id });
    });
    return count;
  };
  const allConfirmed = async (): Promise<void> => {
    late += early.length;
    for (const { customer, id } of early.splice(0)) await confirmed(customer, id);
  };
  // V8 optimises only what has run some hundred times.
  for (let pass = 0; pass < (setting.quick ? 2 : 3); pass += 1) {
    await run(customers.length, 16);
    await sleep(SETTLE_MS);
  }
  await allConfirmed();
  late = 0;
  const idle = await idleOf(shop);
  const rounds = 3;
  const names = ['gateway', 'cart', 'product', 'order', 'payment', 'auth', 'postgres', 'redis'];
  const costs = new Map<number, Cost[]>(IN_FLIGHT.map((inFlight) => [inFlight, []]));
  const perSecond = new Map<number, number[]>(IN_FLIGHT.map((inFlight) => [inFlight, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const inFlight of IN_FLIGHT) {
      const count = inFlight === 1 ? customers.length / 3 : customers.length;
      const cost = await costOf(shop.pids, async () => {
        const began = performance.now();
        await run(count, inFlight);
        perSecond.get(inFlight)?.push((count * 1_000) / (performance.now() - began));
        await sleep(SETTLE_MS);
        return count;
      });
      costs.get(inFlight)?.push(cost);
      bought += count;
      await allConfirmed();
    }
  }
  const profiles = setting.profile
    ? await profiled(
        ['gateway', 'order', 'cart', 'product', 'payment'].map((name) => shop.stack.process(name)),
        async () => void (await run(customers.length, JUDGED)),
      )
    : undefined;
  const rows = IN_FLIGHT.map((inFlight) => {
    const all = costs.get(inFlight) ?? [];
    const by = medianBy(all);
    return [
      String(inFlight),
      ms(medianTotal(all)),
      ms(median(all.map(({ total, seconds, requests }) => total - (idle * seconds) / requests))),
      ...names.map((name) => ms(by[name] ?? 0)),
      median(perSecond.get(inFlight) ?? []).toFixed(0),
    ];
  });
  return {
    tables: [
      {
        title: 'A whole checkout, CPU each, by orders in flight',
        columns: ['in flight', 'all', 'without idle', ...names, 'orders/s'],
        rows,
      },
    ],
    goals: [{ what: `a whole checkout, ${JUDGED} in flight`, measured: medianTotal(costs.get(JUDGED) ?? []), limit: LIMIT_MS, unit: 'ms' }],
    notes: [
      `Four requests to the gateway (add to cart, order with an Idempotency-Key, create-order, verify) and the payment at the simulator between the last two; then the webhook that the simulator sends, the outbox and all events that follow: each round ends ${SETTLE_MS / 1_000} s after its last order. Sign-in is not in it, and orders/s is wall-clock time on a shared machine with the load generator and the simulator on it. All processes of the shop are counted, idle ones too: the shop at rest takes ${idle.toFixed(0)} ms of CPU a second, which “without idle” leaves out and the goal does not.`,
      `All ${bought} orders were confirmed; ${late} of them only after verify had answered.`,
    ],
    ...(profiles === undefined ? {} : { profiles }),
  };
}

/** Answers the order's id when it was not yet confirmed as its payment was verified: verify waits for that, but not for ever. */
async function buy(shop: Shop, { api }: Customer, { variantId }: Variant): Promise<string | undefined> {
  const cart = await taken(api.POST('/api/cart/{userId}/items', { params: { path: { userId: 'me' } }, body: { variantId, quantity: 1 } }));
  const order = await taken(
    api.POST('/api/orders', {
      params: { header: { 'Idempotency-Key': randomUUID() } },
      body: { shippingAddress: ADDRESS, paymentMethod: 'razorpay', expectedTotal: cart.total },
    }),
  );
  const payment = await taken(api.POST('/api/payments/create-order', { params: {}, body: { orderId: order.id } }));
  const answer = await fetch(`${shop.stack.razorpay?.controlUrl}/payments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orderId: payment.razorpayOrderId, mode: 'auto' }),
  });
  const paid = (await answer.json()) as { paymentId: string; signature: string };
  const verified = await taken(
    api.POST('/api/payments/verify', {
      params: {},
      body: {
        orderId: order.id,
        razorpayOrderId: payment.razorpayOrderId,
        razorpayPaymentId: paid.paymentId,
        razorpaySignature: paid.signature,
      },
    }),
  );
  return verified.order.status === 'confirmed' ? undefined : order.id;
}

/** Milliseconds of CPU that the shop takes in a second without requests. */
async function idleOf(shop: Shop): Promise<number> {
  const { total, seconds } = await costOf(shop.pids, async () => {
    await sleep(3_000);
    return 1;
  });
  return total / seconds;
}

/** @throws Error when a paid order stays unconfirmed. */
async function confirmed({ api }: Customer, id: string): Promise<void> {
  const until = Date.now() + CONFIRMED_WITHIN_MS;
  for (;;) {
    const { status } = await taken(api.GET('/api/orders/{id}', { params: { path: { id } } }));
    if (status === 'confirmed') return;
    if (Date.now() > until) throw new Error(`a paid order is ${status} after ${CONFIRMED_WITHIN_MS / 1_000} s`);
    await sleep(100);
  }
}
