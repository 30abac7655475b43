import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Order } from '#libs/contracts/order/views';
import { sql } from '#libs/persistence/sql';
import { patiently } from '#libs/testing/builders';
import { CreditNotes } from '../src/invoice/credit-notes.ts';
import { InvoiceRepository } from '../src/invoice/invoice.repository.ts';
import { Invoices } from '../src/invoice/invoices.ts';
import { orderEnv } from '../src/order.env.ts';
import { type LifecycleFixture, startLifecycleFixture } from './lifecycle-fixture.ts';

/** Issuing by itself, for orders that are not sold yet, in transactions that end this way or that. */

const YEAR = new Date('2031-03-31T18:29:59.000Z');
const NEXT_YEAR = new Date('2031-03-31T18:30:00.000Z');

let fixture: LifecycleFixture;
let invoices: Invoices;
let creditNotes: CreditNotes;
beforeAll(async () => {
  fixture = await startLifecycleFixture();
  const repository = new InvoiceRepository(fixture.database);
  invoices = new Invoices(repository, orderEnv.read({}));
  creditNotes = new CreditNotes(repository, invoices);
});
afterAll(() => fixture?.close());

const numbers = async (series: string): Promise<string[]> => {
  const rows = await fixture.database.rows<{ number: string }>(
    sql`SELECT number FROM invoices WHERE number LIKE ${`${series}/%`} UNION ALL SELECT number FROM credit_notes WHERE number LIKE ${`${series}/%`} ORDER BY number`,
  );
  return rows.map(({ number }) => number);
};
const upTo = (series: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${series}/${String(index + 1).padStart(6, '0')}`);
const credited = (orderId: string, amount: number, refundId?: string) => ({
  orderId,
  refundId,
  reason: 'a stain',
  lines: [],
  fees: 0,
  amount,
});

describe('numbers', () => {
  it('have no gap when half of 100 parallel transactions roll back after they got theirs', async () => {
    const orders: Order[] = [];
    while (orders.length < 100) orders.push(...(await Promise.all(Array.from({ length: 10 }, () => fixture.placed()))));
    await Promise.all(
      orders.map(({ id }, index) =>
        patiently(() =>
          fixture.database.transaction(async (transaction) => {
            await invoices.issue(transaction, id, YEAR);
            await creditNotes.issue(transaction, credited(id, 100), YEAR);
            if (index % 2 === 1) throw new Error('power cut');
          }),
        ).catch((error: Error) => expect(error.message).toBe('power cut')),
      ),
    );
    expect(await numbers('INV/30-31')).toEqual(upTo('INV/30-31', 50));
    expect(await numbers('CRN/30-31')).toEqual(upTo('CRN/30-31', 50));
    const kept = await Promise.all(orders.map(({ id }) => fixture.read(id)));
    expect(kept.map(({ invoice, creditNotes: notes }) => [invoice === undefined, notes.length])).toEqual(
      orders.map((_order, index) => (index % 2 === 1 ? [true, 0] : [false, 1])),
    );
  }, 60_000);

  it('begin again with the financial year, which turns at midnight in India', async () => {
    const { id } = await fixture.placed();
    expect((await fixture.database.transaction((transaction) => invoices.issue(transaction, id, NEXT_YEAR))).number).toBe(
      'INV/31-32/000001',
    );
  });

  it('are given once to an order and once to a refund, also to ten who ask at once', async () => {
    const { id } = await fixture.placed();
    const at = new Date('2032-06-01T00:00:00Z');
    const refundId = uuidv7();
    const ask = () =>
      fixture.database.transaction(async (transaction) => [
        (await invoices.issue(transaction, id, at)).number,
        (await creditNotes.issue(transaction, credited(id, 500, refundId), at))?.number,
      ]);
    const answers = await Promise.all(Array.from({ length: 10 }, ask));
    expect(new Set(answers.map(String))).toEqual(new Set(['INV/32-33/000001,CRN/32-33/000001']));
    expect((await fixture.read(id)).creditNotes).toEqual([{ number: 'CRN/32-33/000001', amount: 500, issuedAt: at.toISOString() }]);
  });

  it('fit into sixteen characters, also after a million', async () => {
    const at = new Date('2033-06-01T00:00:00Z');
    await fixture.database.execute(sql`INSERT INTO document_counters (series, last) VALUES ('INV/33-34', 999998)`);
    const issue = async (): Promise<string> => {
      const { id } = await fixture.placed();
      return (await fixture.database.transaction((transaction) => invoices.issue(transaction, id, at))).number;
    };
    expect([await issue(), await issue()]).toEqual(['INV/33-34/999999', 'INV/3334/1000000']);
  });

  it('are not spent on a credit note above its invoice, or of nothing', async () => {
    const { id, total } = await fixture.placed();
    const at = new Date('2034-06-01T00:00:00Z');
    const issue = (amount: number) =>
      fixture.database.transaction((transaction) => creditNotes.issue(transaction, credited(id, amount), at));
    expect(await issue(0)).toBeUndefined();
    await expect(issue(total + 1)).rejects.toThrow();
    await issue(total);
    await expect(issue(1)).rejects.toThrow();
    expect(await numbers('CRN/34-35')).toEqual(['CRN/34-35/000001']);
  });
});
