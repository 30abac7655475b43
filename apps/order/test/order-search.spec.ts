import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderSearch } from '#libs/contracts/order/api';
import type { Order } from '#libs/contracts/order/views';
import { readInput } from '#libs/contracts/shape';
import { BadCursor } from '#libs/persistence/cursor';
import { sql } from '#libs/persistence/sql';
import { type LifecycleFixture, startLifecycleFixture } from './lifecycle-fixture.ts';

const MEERA = uuidv7();
const ARJUN = uuidv7();
let fixture: LifecycleFixture;
let orders: Order[];
beforeAll(async () => {
  fixture = await startLifecycleFixture({ 'meera@example.com': MEERA });
  orders = [
    await fixture.bought({ user: MEERA, phone: '+919000000001' }),
    await fixture.bought({ user: MEERA, phone: '+919000000002', method: 'cod' }),
    await fixture.placed({ user: ARJUN, phone: '+919000000001' }),
    await fixture.moved(await fixture.bought({ user: ARJUN, phone: '+919000000003' }), 'packed', 'cancelled'),
  ];
});
afterAll(() => fixture.close());

const found = async (filter: Partial<OrderSearch>): Promise<number[]> => {
  const { items } = await fixture.searching.search({ limit: 20, ...filter });
  return items.map(({ id }) => orders.findIndex((order) => order.id === id));
};

describe('the search of staff', () => {
  it('lists the orders of everybody, newest first', async () => {
    expect(await found({})).toEqual([3, 2, 1, 0]);
  });

  it.each<[string, Partial<OrderSearch>, number[]]>([
    ['status', { status: 'confirmed' }, [1, 0]],
    ['payment status', { paymentStatus: 'refunded' }, [3]],
    ['payment method', { paymentMethod: 'cod' }, [1]],
    ['user', { userId: ARJUN }, [3, 2]],
    ['several at once', { userId: ARJUN, status: 'pending_payment' }, [2]],
  ])('filters by %s', async (_name, filter, expected) => {
    expect(await found(filter)).toEqual(expected);
  });

  it.each<[string, string, number[]]>([
    ['a phone number', '+919000000001', [2, 0]],
    ['one without +91', '9000000001', [2, 0]],
    ['one written with blanks', ' +91 90000 00002 ', [1]],
    ['one with a leading 0', '090000-00001', [2, 0]],
    ['one with 0091, dots and brackets', '0091 (90000).00002', [1]],
    ['a part of a name, letter case aside', 'EER', [3, 2, 1, 0]],
    ['what would match anything in a pattern', '%_%', []],
    ['a mail address, letter case aside', 'Meera@Example.com', [1, 0]],
    ['a mail address of nobody', 'nobody@example.com', []],
    ['a number of nobody', 'OU261124-AAAAAAAA', []],
    ['what Postgres cannot hold', 'OU\0', []],
  ])('finds by %s', async (_name, q, expected) => {
    expect(await found({ q })).toEqual(expected);
  });

  it("finds by the order's number or a part of it, letter case aside", async () => {
    const number = orders[1]?.number.toLowerCase() ?? '';
    expect(await found({ q: number })).toEqual([1]);
    expect(await found({ q: number.slice(-6) })).toEqual([1]);
  });

  it('finds an order by the address that it goes to now', async () => {
    const id = orders[2]?.id ?? '';
    const goesTo = (name: string) =>
      fixture.database.execute(
        sql`UPDATE orders SET shipping_address = shipping_address || jsonb_build_object('name', ${name}::text) WHERE id = ${id}`,
      );
    const { name = '' } = orders[2]?.shippingAddress ?? {};
    await goesTo('Zubeida Khan');
    expect(await found({ q: 'zubeida' })).toEqual([2]);
    await goesTo(name);
    expect(await found({ q: 'zubeida' })).toEqual([]);
  });

  it('bounds the time: from inclusive, to exclusive', async () => {
    expect(await found({ from: orders[1]?.createdAt ?? '', to: orders[3]?.createdAt ?? '' })).toEqual([2, 1]);
  });

  it('takes times of any year, with a zone', async () => {
    expect(await found({ from: '1000-01-01T00:00:00Z', to: '9999-12-31T23:59:59+05:30' })).toEqual([3, 2, 1, 0]);
  });

  it.each(['2026-W10', '2026-11-24', '2026-11-24T06:30:00', '-200000-01-01T00:00:00Z'])('refuses %s, which is no moment', (from) => {
    expect(() => readInput(OrderSearch, { limit: 20, from })).toThrow('validation_failed');
  });

  it('pages without gaps or repeats, and takes a cursor only with its own filters', async () => {
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await fixture.searching.search({ limit: 1, ...(cursor == null ? {} : { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      if (cursor !== null) await expect(fixture.searching.search({ limit: 1, status: 'packed', cursor })).rejects.toThrow(BadCursor);
    } while (cursor !== null);
    expect(seen).toEqual(orders.map(({ id }) => id).toReversed());
  });
});
