import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Order, ReturnOutcome } from '#libs/contracts/order/views';
import { codeOf } from '#libs/testing/builders';
import { customer, eventsOf, itemOf, type LifecycleFixture, PRICES, staff, startLifecycleFixture, VARIANTS } from './lifecycle-fixture.ts';

let fixture: LifecycleFixture;
beforeAll(async () => {
  fixture = await startLifecycleFixture();
});
afterAll(() => fixture.close());
afterEach(() => fixture.clear());

/** A delivered order of 3 and 2 units, of which 2 and 1 are on their way back. */
async function returning(): Promise<Order> {
  const order = await fixture.bought({ quantities: [3, 2] });
  await fixture.moved(order, 'packed', 'shipped', 'out_for_delivery', 'delivered');
  const items = [
    { itemId: itemOf(order, 0), quantity: 2, reason: 'too small' },
    { itemId: itemOf(order, 1), quantity: 1, reason: 'another colour' },
  ];
  const asked = await fixture.returns.requestReturn({ id: order.id, items }, customer());
  await fixture.clear();
  return asked;
}
type Arrived = readonly (readonly [line: number, quantity: number, outcome: ReturnOutcome])[];
const receive = (order: Order, arrived: Arrived, call = staff()): Promise<Order> =>
  fixture.returns.receiveReturn(
    {
      id: order.id,
      returnId: order.returns.at(-1)?.id ?? uuidv7(),
      items: arrived.map(([line, quantity, outcome]) => ({ itemId: itemOf(order, line), quantity, outcome })),
    },
    call,
  );

describe('a return that is asked for', () => {
  it('shows its units, their reasons and what will go back, in every reading of the order', async () => {
    const order = await returning();
    const expected = [
      {
        status: 'requested',
        items: [
          { itemId: itemOf(order, 0), quantity: 2, reason: 'too small' },
          { itemId: itemOf(order, 1), quantity: 1, reason: 'another colour' },
        ],
        amount: 2 * PRICES[0] + PRICES[1],
        requestedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      },
    ];
    expect(order.returns).toMatchObject(expected);
    expect((await fixture.read(order.id)).returns).toEqual(order.returns);
    const { items } = await fixture.searching.search({ limit: 5, q: order.number });
    expect(items[0]?.returns).toEqual(order.returns);
  });
});

describe('units of a return that arrive', () => {
  it('are given back when restocked or scrapped, are for sale again only when restocked, and stay the customer’s when rejected', async () => {
    const order = await returning();
    const now = await receive(order, [
      [0, 1, 'restock'],
      [0, 1, 'reject'],
      [1, 1, 'scrap'],
    ]);
    expect([now.status, now.items.map(({ returnedQuantity }) => returnedQuantity)]).toEqual(['delivered', [1, 1]]);
    const outcomes = [
      { itemId: itemOf(order, 0), quantity: 1, outcome: 'restock' },
      { itemId: itemOf(order, 0), quantity: 1, outcome: 'reject' },
      { itemId: itemOf(order, 1), quantity: 1, outcome: 'scrap' },
    ];
    expect(now.returns).toMatchObject([{ status: 'received', amount: PRICES[0] + PRICES[1], outcomes }]);
    expect((await fixture.read(order.id)).returns).toEqual(now.returns);
    const published = await fixture.published(order.id);
    expect(eventsOf(published, 'stockReturned')).toMatchObject([{ lines: [{ variantId: VARIANTS[0], quantity: 1 }] }]);
    expect(eventsOf(published, 'refundDue')).toMatchObject([{ amount: PRICES[0] + PRICES[1] }]);
    expect(now.creditNotes).toMatchObject([{ amount: PRICES[0] + PRICES[1] }]);
  });

  it('that are all scrapped raise no stock', async () => {
    const order = await returning();
    await receive(order, [
      [0, 2, 'scrap'],
      [1, 1, 'scrap'],
    ]);
    const published = await fixture.published(order.id);
    expect(eventsOf(published, 'stockReturned')).toEqual([]);
    expect(eventsOf(published, 'refundDue')).toHaveLength(1);
  });

  it('that are all rejected refuse the return, and nothing goes back', async () => {
    const order = await returning();
    const now = await receive(order, [
      [0, 2, 'reject'],
      [1, 1, 'reject'],
    ]);
    expect([now.status, now.returns[0]?.status, now.returns[0]?.amount]).toEqual(['delivered', 'refused', 0]);
    expect(await fixture.published(order.id)).toEqual([]);
  });

  it.each<[string, Arrived]>([
    ['too few', [[0, 2, 'restock']]],
    [
      'too many',
      [
        [0, 3, 'restock'],
        [1, 1, 'restock'],
      ],
    ],
    [
      'a unit twice',
      [
        [0, 2, 'restock'],
        [0, 1, 'reject'],
        [1, 1, 'restock'],
      ],
    ],
  ])('and are not those of the return (%s) are refused, and change nothing', async (_name, arrived) => {
    const order = await returning();
    expect(await codeOf(receive(order, arrived))).toBe('validation_failed');
    expect((await fixture.read(order.id)).status).toBe('return_requested');
  });

  it('are booked once: a closed return is a conflict, a repeated key the same answer, another order’s return not found', async () => {
    const order = await returning();
    const all: Arrived = [
      [0, 2, 'restock'],
      [1, 1, 'restock'],
    ];
    const keyed = { ...staff(), idempotency: { key: uuidv7(), route: 'POST receive', bodyHash: 'hash' } };
    const first = await receive(order, all, keyed);
    expect(await receive(order, all, keyed)).toEqual(first);
    expect(await codeOf(receive(order, all))).toBe('order.return_closed');
    expect(eventsOf(await fixture.published(order.id), 'refundDue')).toHaveLength(1);
    const other = await returning();
    expect(await codeOf(receive({ ...other, returns: order.returns }, all))).toBe('not_found');
  });

  it('are booked once by ten at once', async () => {
    const order = await returning();
    const all: Arrived = [
      [0, 2, 'restock'],
      [1, 1, 'restock'],
    ];
    const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(receive(order, all))));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
    expect(eventsOf(await fixture.published(order.id), 'stockReturned')).toHaveLength(1);
  });

  it('are all restocked and given back by the status `returned`', async () => {
    const order = await returning();
    const now = await fixture.moved(order, 'returned');
    expect(now.returns).toMatchObject([{ status: 'received', amount: 2 * PRICES[0] + PRICES[1] }]);
  });
});
