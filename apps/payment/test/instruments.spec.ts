import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { PaymentReactions } from '../src/payment.reactions.ts';
import { PaymentRetentionRepository } from '../src/payment-retention.repository.ts';
import { INSTRUMENT_KEY, PaymentFixture, type Replica, webhookOf } from './payment-fixture.ts';

/** By what orders are paid, as far as another service may ask. */
let fixture: PaymentFixture;
let one: Replica;

beforeAll(async () => {
  fixture = await PaymentFixture.start();
  one = await fixture.replica();
});
afterAll(() => fixture.stop());

async function paidBy(fields: Record<string, unknown>, status = 'captured', replica = one) {
  const { orderId, userId, opened } = await fixture.opened(replica);
  const payment = fixture.razorpay.pay(opened.razorpayOrderId, status, fields);
  await replica.webhooks.webhook(webhookOf(`payment.${status}`, { payment }));
  return { orderId, userId, payment };
}
const isSame = async (orderId: string, userId: string) => (await one.payment.sameInstrument({ orderId, userId })).same;
const upi = () => ({ vpa: `${uuidv7()}@bank` });
const card = (last4: string, issuer = 'UTIB') => ({
  method: 'card',
  card: { last4, network: 'Visa', type: 'debit', issuer, name: 'Asha' },
});

it('a UPI id is the same in any case, another one is not, and no order is compared with itself', async () => {
  const mine = upi();
  const [first, same, other] = [await paidBy(mine), await paidBy({ vpa: mine.vpa.toUpperCase() }), await paidBy(upi())];
  expect(await isSame(same.orderId, first.userId)).toBe(true);
  expect(await isSame(other.orderId, first.userId)).toBe(false);
  expect(await isSame(first.orderId, first.userId)).toBe(false);
  expect(await isSame(uuidv7(), first.userId)).toBe(false);
});

it('a card is the same by what Razorpay tells of it, though its id is new at each payment', async () => {
  const [first, same] = [
    await paidBy({ ...card('4366'), card_id: 'card_JXPULjlKqC5j0i' }),
    await paidBy({ ...card('4366'), card_id: 'card_JXPULjlKqC5j0k' }),
  ];
  expect(await isSame(same.orderId, first.userId)).toBe(true);
  expect(await isSame((await paidBy(card('4367'))).orderId, first.userId)).toBe(false);
  expect(await isSame((await paidBy(card('4366', 'HDFC'))).orderId, first.userId)).toBe(false);
});

it('an attempt that failed says nothing, and counts once it is captured', async () => {
  const mine = upi();
  const first = await paidBy(mine);
  const failed = await paidBy(mine, 'failed');
  expect(await isSame(failed.orderId, first.userId)).toBe(false);
  await one.webhooks.webhook(webhookOf('payment.captured', { payment: { ...failed.payment, status: 'captured' } }));
  expect(await isSame(failed.orderId, first.userId)).toBe(true);
});

it('nothing can be read of what is kept, and a change of the key keeps older payments comparable', async () => {
  const mine = upi();
  const first = await paidBy(mine);
  const kept = JSON.stringify(await one.database.rows(sql`SELECT * FROM payment_instruments WHERE order_id = ${first.orderId}`));
  expect(kept).not.toContain('@');
  const changed = await fixture.replica({ INSTRUMENT_KEY: 'k'.repeat(40), INSTRUMENT_KEY_PREVIOUS: INSTRUMENT_KEY });
  const second = await paidBy(mine, 'captured', changed);
  expect(await isSame(second.orderId, first.userId)).toBe(true);
});

it('of an erased user nothing is kept, also of reports that come later or beside it', async () => {
  const mine = upi();
  const first = await paidBy(mine);
  const { orderId, userId, opened } = await fixture.opened(one);
  const waiting = fixture.razorpay.pay(opened.razorpayOrderId, 'captured', mine);
  for (const erased of [first.userId, userId])
    await one.database.transaction((transaction) =>
      one.app
        .get(PaymentReactions)
        .onAuthErased({ userId: erased, at: new Date().toISOString() }, { eventId: uuidv7(), version: 1, requestId: 'suite', transaction }),
    );
  await one.webhooks.webhook(webhookOf('payment.captured', { payment: waiting }));
  expect(await isSame((await paidBy(mine)).orderId, first.userId)).toBe(false);
  const kept = () => one.database.rows(sql`SELECT 1 FROM payment_instruments WHERE user_id IN (${first.userId}, ${userId})`);
  expect(await kept()).toEqual([]);
  await one.database.execute(sql`INSERT INTO payment_instruments (order_id, hash, user_id) VALUES (${orderId}, 'beside', ${userId})`);
  await one.app.get(PaymentRetentionRepository).sweep();
  expect(await kept()).toEqual([]);
});
