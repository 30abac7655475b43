import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Order } from '#libs/contracts/order/views';
import { sql } from '#libs/persistence/sql';
import { codeOf, patiently } from '#libs/testing/builders';
import { customer, type LifecycleFixture, staff, startLifecycleFixture, USER } from './lifecycle-fixture.ts';

let fixture: LifecycleFixture;
beforeAll(async () => {
  fixture = await startLifecycleFixture();
});
afterAll(() => fixture?.close());

const numbers = async (table: 'invoices' | 'credit_notes'): Promise<number[]> => {
  const rows = await fixture.database.rows<{ number: string }>(
    table === 'invoices' ? sql`SELECT number FROM invoices` : sql`SELECT number FROM credit_notes`,
  );
  return rows.map(({ number }) => Number(number.split('/').at(-1))).sort((left, right) => left - right);
};
const oneTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('numbers', () => {
  it('have no gap and no repeat after parallel sales, and transactions that roll back beside 100 cancels', async () => {
    // In waves: a sale that finds no connection in time is a 503, and goes on by itself.
    const sales = async (count: number): Promise<Order[]> => {
      const sold: Order[] = [];
      while (sold.length < count)
        sold.push(...(await Promise.all(Array.from({ length: 10 }, () => fixture.bought({ method: 'cod', quantities: [1] })))));
      return sold;
    };
    const orders = await sales(100);
    const failing = Array.from({ length: 30 }, (_, index) =>
      fixture.database
        .transaction(async (transaction) => {
          await transaction.execute(sql`
            INSERT INTO document_counters (series, last) SELECT series, 1 FROM document_counters ON CONFLICT (series) DO UPDATE SET last = document_counters.last + 1`);
          throw new Error(`power cut ${index}`);
        })
        .catch(() => undefined),
    );
    const cancels = orders.map(({ id }) => patiently(() => fixture.lifecycle.cancel({ id, reason: 'all of it' }, customer())));
    await Promise.all([...failing, ...cancels]);
    await sales(30);
    expect(await numbers('invoices')).toEqual(oneTo(130));
    expect(await numbers('credit_notes')).toEqual(oneTo(100));
  }, 60_000);

  it('of an order stay, and are shown with it from its confirmation on', async () => {
    const placed = await fixture.placed();
    expect([placed.invoice, placed.creditNotes]).toEqual([undefined, []]);
    const order = await fixture.bought({ quantities: [2] });
    expect(order.invoice?.number).toMatch(/^INV\/\d\d-\d\d\/\d{6}$/);
    const item = order.items[0];
    if (item === undefined) throw new Error('an order has a line');
    await fixture.lifecycle.cancel({ id: order.id, reason: 'one of two', items: [{ itemId: item.id, quantity: 1 }] }, customer());
    const now = await fixture.read(order.id);
    expect(now.invoice).toEqual(order.invoice);
    expect(now.creditNotes).toMatchObject([{ amount: Math.floor(item.total / 2) }]);
  });
});

describe('the paper', () => {
  const paper = (id: string, call = customer(), creditNote?: string) =>
    fixture.invoices.invoice({ id, ...(creditNote === undefined ? {} : { creditNote }) }, call);

  it('is for the owner and staff, and for nobody else', async () => {
    const { id } = await fixture.bought();
    for (const call of [customer(USER), staff()]) expect(await paper(id, call)).toMatchObject({ mime: 'application/pdf', maxAge: 0 });
    expect(await codeOf(paper(id, customer(uuidv7())))).toBe('not_found');
    expect(await codeOf(paper(uuidv7()))).toBe('not_found');
  });

  it('is there once the order is confirmed, and a credit note only under its own order', async () => {
    const placed = await fixture.placed();
    expect(await codeOf(paper(placed.id))).toBe('order.not_invoiced');
    const [one, other] = [await fixture.bought(), await fixture.bought()];
    const { creditNotes } = await fixture.lifecycle.cancel({ id: one.id, reason: 'too late' }, customer());
    const number = creditNotes[0]?.number ?? '';
    expect(await codeOf(paper(one.id, customer(), number))).toBe('ok');
    expect(await codeOf(paper(other.id, customer(), number))).toBe('not_found');
    expect(await codeOf(paper(one.id, customer(), 'CRN/26-27/999999'))).toBe('not_found');
  });

  it('says the same for ever, byte for byte', async () => {
    const { id } = await fixture.bought();
    const first = (await paper(id)).body as Buffer;
    await fixture.database.execute(
      sql`UPDATE orders SET shipping_address = jsonb_set(shipping_address, '{name}', '"Somebody else"') WHERE id = ${id}`,
    );
    expect(((await paper(id)).body as Buffer).equals(first)).toBe(true);
  });
});
