import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { Sweeper } from '#libs/persistence/sweep';
import { PaymentRetentionRepository } from '../src/payment-retention.repository.ts';
import { PaymentFixture, type Replica, webhookOf } from './payment-fixture.ts';
import { newId } from './razorpay-stub.ts';

let fixture: PaymentFixture;
let one: Replica;

beforeAll(async () => {
  fixture = await PaymentFixture.start();
  one = await fixture.replica();
});
afterAll(() => fixture.stop());

describe('a stored webhook', () => {
  it('loses its body after 30 days, and stays a duplicate', async () => {
    const events = [newId('evt'), newId('evt'), newId('evt')];
    const [old = '', young = '', unprocessed = ''] = events;
    for (const id of events) await one.webhooks.webhook(webhookOf('planet.aligned', {}, { id }));
    await one.database.execute(sql`UPDATE webhook_events SET received_at = now() - interval '31 days' WHERE id <> ${young}`);
    await one.database.execute(
      sql`UPDATE webhook_events SET processed_at = NULL, next_try_at = now() + interval '1 day' WHERE id = ${unprocessed}`,
    );
    await one.app.get(PaymentRetentionRepository).emptyOldBodies();
    const isEmpty = async (id: string) =>
      (await one.database.row<{ empty: boolean }>(sql`SELECT octet_length(body) = 0 AS empty FROM webhook_events WHERE id = ${id}`))?.empty;
    expect([await isEmpty(old), await isEmpty(young), await isEmpty(unprocessed)]).toEqual([true, false, false]);
    expect(await one.webhooks.webhook(webhookOf('planet.aligned', {}, { id: old }))).toEqual({ accepted: false });
  });

  it('goes after 400 days with what else is no book; money and the orders that it belongs to stay', async () => {
    const paid = await fixture.paid(one);
    const [tried, untouched] = [await fixture.opened(one), await fixture.opened(one)];
    await one.webhooks.webhook(webhookOf('payment.failed', { payment: fixture.razorpay.pay(tried.opened.razorpayOrderId, 'failed') }));
    const orders = [paid, tried, untouched].map(({ orderId }) => orderId);
    const age = sql`now() - interval '401 days'`;
    await one.database.execute(sql`UPDATE webhook_events SET received_at = ${age}`);
    await one.database.execute(sql`UPDATE payment_effects SET created_at = ${age}`);
    await one.database.execute(sql`UPDATE payment_orders SET created_at = ${age} WHERE order_id = ANY(${orders}::uuid[])`);
    await one.app.get(Sweeper).sweep();
    const count = async (from: ReturnType<typeof sql>) =>
      (await one.database.row<{ n: number }>(sql`SELECT count(*) AS n FROM ${from}`))?.n;
    expect(await count(sql`webhook_events WHERE processed_at IS NOT NULL`)).toBe(0);
    expect(await count(sql`payment_effects WHERE effect = 'failed'`)).toBe(0);
    expect(await count(sql`payment_effects WHERE payment_id = ${paid.paymentId}`)).toBe(1);
    const left = await one.database.rows<{ id: string }>(
      sql`SELECT order_id AS id FROM payment_orders WHERE order_id = ANY(${orders}::uuid[]) ORDER BY order_id`,
    );
    expect(left.map(({ id }) => id)).toEqual([paid.orderId, tried.orderId].sort());
  });
});
