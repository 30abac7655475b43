import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RefundDue } from '#libs/contracts/order/messages';
import type { Order, OrderStatus } from '#libs/contracts/order/views';
import type { RefundState } from '#libs/contracts/payment/views';

import { sql } from '#libs/persistence/sql';
import { codeOf } from '#libs/testing/builders';
import { NEXT_STATUSES } from '../src/order.ts';
import type { OrderRow } from '../src/order-row.ts';
import { customer, eventsOf, itemOf, type LifecycleFixture, payment, staff, startLifecycleFixture, sumOf } from './lifecycle-fixture.ts';

let fixture: LifecycleFixture;
beforeAll(async () => {
  fixture = await startLifecycleFixture();
});
afterAll(() => fixture.close());
afterEach(() => fixture.clear());

const TO_THE_DOOR: OrderStatus[] = ['packed', 'shipped', 'out_for_delivery', 'delivered'];

type Deed =
  | { readonly kind: 'cancel' | 'return' | 'refund items'; readonly line: number; readonly quantity: number }
  | { readonly kind: 'cancel all' | 'refund all' | 'staff refunds all' }
  | { readonly kind: 'goodwill'; readonly amount: number }
  | { readonly kind: 'status'; readonly status: OrderStatus }
  | { readonly kind: 'word'; readonly state: RefundState; readonly attempt: number };

const units = { line: fc.nat({ max: 1 }), quantity: fc.integer({ min: 1, max: 2 }) };
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('cancel' as const, 'return' as const, 'refund items' as const), ...units }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('cancel all' as const, 'refund all' as const, 'staff refunds all' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('goodwill' as const), amount: fc.integer({ min: 1, max: 60_000 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('status' as const),
      status: fc.constantFrom<OrderStatus>(
        'packed',
        'shipped',
        'out_for_delivery',
        'delivered',
        'returned',
        'returned_to_origin',
        'cancelled',
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('word' as const),
      state: fc.constantFrom<RefundState>('processed', 'failed', 'pending'),
      attempt: fc.integer({ min: 1, max: 2 }),
    }),
  },
);

function carryOut(order: Order, one: Deed): Promise<unknown> {
  const { lifecycle, returns } = fixture;
  const asked = { refundId: uuidv7(), orderId: order.id, reason: 'race' };
  switch (one.kind) {
    case 'cancel':
      return lifecycle.cancel(
        { id: order.id, reason: 'race', items: [{ itemId: itemOf(order, one.line), quantity: one.quantity }] },
        customer(),
      );
    case 'return':
      return returns.requestReturn(
        { id: order.id, items: [{ itemId: itemOf(order, one.line), quantity: one.quantity, reason: 'race' }] },
        customer(),
      );
    case 'refund items':
      return lifecycle.giveBack(
        { ...asked, userId: order.userId, items: [{ itemId: itemOf(order, one.line), quantity: one.quantity }] },
        payment(),
      );
    case 'cancel all':
      return lifecycle.cancel({ id: order.id, reason: 'race' }, customer());
    case 'refund all':
      return lifecycle.giveBack({ ...asked, userId: order.userId }, payment());
    case 'staff refunds all':
      return lifecycle.giveBack({ ...asked, userId: null }, payment());
    case 'goodwill':
      return lifecycle.giveBack({ ...asked, userId: null, amount: one.amount }, payment());
    case 'status':
      return lifecycle.setStatus({ id: order.id, status: one.status }, staff());
    case 'word':
      return tellOfSome(order, one);
  }
}

async function tellOfSome(order: Order, { state, attempt }: Extract<Deed, { kind: 'word' }>): Promise<void> {
  const due = await fixture.database.row<RefundDue>(
    sql`SELECT id AS "refundId", amount FROM order_refunds WHERE order_id = ${order.id} ORDER BY random() LIMIT 1`,
  );
  if (due === undefined) return;
  await fixture.database.transaction((transaction) =>
    fixture.refundOutcomes.apply({ refundId: due.refundId, orderId: order.id, amount: due.amount, status: state, attempt }, transaction),
  );
}

/** What may come out of a race, and nothing else. */
const EXPECTED = new Set([
  'ok',
  'order.not_cancellable',
  'order.not_returnable',
  'order.status_conflict',
  'order.nothing_to_refund',
  'unavailable',
]);

/** Everything that the books say about an order must agree. */
async function audit(order: Order): Promise<void> {
  type Books = OrderRow & { credited: number; voided: boolean };
  const row = (await fixture.database.row<Books>(sql`SELECT * FROM orders WHERE id = ${order.id}`)) as Books;
  const refunds = await fixture.database.rows<{ amount: number; state: RefundState }>(
    sql`SELECT amount, state FROM order_refunds WHERE order_id = ${order.id}`,
  );
  const published = await fixture.published(order.id);
  const now = await fixture.read(order.id);

  const pledged = sumOf(refunds.filter(({ state }) => state !== 'failed') as never, 'amount');
  expect(row.refund_requested).toBe(pledged);
  expect(pledged).toBeLessThanOrEqual(row.received);
  expect(row.refunded).toBe(sumOf(refunds.filter(({ state }) => state === 'processed') as never, 'amount'));
  expect(eventsOf(published, 'refundDue').map(({ amount }) => amount)).toHaveLength(refunds.length);
  if (row.received > 0) expect(now.paymentStatus).toBe(pledged >= row.received ? 'refunded' : pledged > 0 ? 'partially_refunded' : 'paid');

  for (const { variantId, cancelledQuantity, returnedQuantity, quantity } of now.items) {
    const back = eventsOf(published, 'stockReturned').flatMap(({ lines }) => lines as { variantId: string; quantity: number }[]);
    const units = sumOf(back.filter((line) => line.variantId === variantId) as never, 'quantity');
    expect(units).toBe(cancelledQuantity + returnedQuantity);
    expect(units).toBeLessThanOrEqual(quantity);
  }
  expect(now.creditNotes.reduce((sum, { amount }) => sum + amount, 0)).toBe(row.credited);
  expect(row.credited).toBeLessThanOrEqual(row.total);
  expect(eventsOf(published, 'voided')).toHaveLength(row.voided ? 1 : 0);
  if (now.status === 'cancelled') {
    expect(row.cancelled_share).toBe(row.total);
    expect(row.credited).toBe(row.total);
    expect(row.voided).toBe(true);
  }
  const moves = now.timeline.map(({ status }) => status);
  for (const [index, status] of moves.entries()) {
    const before = moves[index - 1];
    // A partial cancel leaves its note where the order stands.
    const isLegal = before === undefined || before === status || NEXT_STATUSES[before].includes(status);
    if (!isLegal) expect(`${before} ${status}`).toBe('returned delivered');
  }
}

describe('whatever meets on an order', () => {
  it.each(['razorpay', 'cod'] as const)(
    'paid by %s, money, units, stock and history agree afterwards',
    async (method) => {
      const races = fc.array(fc.array(deed, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(fc.nat({ max: TO_THE_DOOR.length }), races, async (start, rounds) => {
          const order = await fixture.bought({ method, quantities: [3, 2], discount: 101 });
          await fixture.moved(order, ...TO_THE_DOOR.slice(0, start));
          for (const together of rounds) {
            const outcomes = await Promise.all(together.map((one) => codeOf(carryOut(order, one))));
            expect(outcomes.filter((outcome) => !EXPECTED.has(outcome))).toEqual([]);
          }
          await audit(order);
        }),
        { numRuns: 40 },
      );
    },
    180_000,
  );
});
