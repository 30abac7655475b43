import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderApi } from '#libs/contracts/order/api';
import { sql } from '#libs/persistence/sql';
import { eventually } from '#libs/testing/builders';
import { PaymentFixture, type Replica, webhookOf } from './payment-fixture.ts';

/** Releases run side by side while one takes the place of the other. */

let fixture: PaymentFixture;
let one: Replica;
beforeAll(async () => {
  fixture = await PaymentFixture.start();
  one = await fixture.replica();
});
afterAll(() => fixture.stop());

describe('an event', () => {
  it('that its subscriber cannot read waits for the next release of it, however often it was tried', async () => {
    const { orderId, opened } = await fixture.opened(one);
    fixture.orderIsOld = true;
    await one.webhooks.webhook(webhookOf('payment.captured', { payment: fixture.razorpay.pay(opened.razorpayOrderId, 'captured') }));
    const row = () =>
      one.database.row<{ attempts: number; isDead: boolean }>(
        sql`SELECT attempts, dead_at IS NOT NULL AS "isDead" FROM outbox WHERE event = 'payment.captured' AND payload LIKE ${`%${orderId}%`}`,
      );
    const again = (attempts: number) => one.database.execute(sql`UPDATE outbox SET attempts = ${attempts}, leased_until = now()`);
    await eventually(async () => ((await row())?.attempts ?? 0) > 0);
    await again(50);
    await eventually(async () => (await row())?.attempts === 51);
    expect((await row())?.isDead).toBe(false);
    fixture.orderIsOld = false;
    await again(50);
    await eventually(() => fixture.capturesOf(orderId).length === 1);
  });

  it('of a newer publisher is taken without the fields that are not known here', async () => {
    const { orderId, paymentId } = await fixture.paid(one);
    await fixture.tell(orderApi.events.captureRejected, { orderId, paymentId, reason: 'order_expired', since: 'the next release' });
    const payment = await one.database.row<{ n: number }>(sql`SELECT count(*) AS n FROM refunds WHERE order_id = ${orderId}`);
    expect(payment).toEqual({ n: 1 });
  });
});
