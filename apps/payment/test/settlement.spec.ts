import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { startSimulator } from '../../../doubles/razorpay/simulator.ts';
import { settlementDifference } from '../src/payment.metrics.ts';
import { SettlementHandlers } from '../src/settlement.handlers.ts';
import { dayAfter, dayOf, startOf } from '../src/settlement.ts';
import { SETTLING_MS, SettlementCheck } from '../src/settlement-check.ts';
import { callOf, KEY_SECRET, PaymentFixture, type Replica } from './payment-fixture.ts';
import { newId } from './razorpay-stub.ts';

type Simulator = Awaited<ReturnType<typeof startSimulator>>;

let fixture: PaymentFixture;
let simulator: Simulator;
let one: Replica;
let two: Replica;

beforeAll(async () => {
  [fixture, simulator] = await Promise.all([
    PaymentFixture.start(),
    startSimulator({ keyId: 'rzp_test_0123456789abcd', keySecret: KEY_SECRET }),
  ]);
  [one, two] = (await Promise.all([1, 2].map(() => fixture.replica({ RAZORPAY_BASE_URL: simulator.url })))) as [Replica, Replica];
});
afterAll(async () => {
  await fixture.stop();
  await simulator.close();
});

const admin = () => callOf(uuidv7(), ['admin']);
const today = () => dayOf(Date.now());
const report = (date = today()) => one.app.get(SettlementHandlers).settlement({ date });

/** Paid at the simulator and known here. */
async function paid() {
  const { orderId, opened } = await fixture.opened(one);
  const { paymentId } = simulator.controls.pay({ orderId: opened.razorpayOrderId, mode: 'auto' });
  expect(await one.payment.settle({ orderId })).toEqual({ state: 'captured' });
  await eventually(() => fixture.capturesOf(orderId).length === 1);
  return { orderId, paymentId };
}
async function refunded(orderId: string, amount: number) {
  await one.refunds.refund({ orderId, reason: 'r', amount }, admin());
  await eventually(async () => (await one.payment.ofOrder({ orderId }, admin())).refunded === amount);
  return (await one.payment.ofOrder({ orderId }, admin())).refunds[0]?.razorpayRefundId ?? '';
}

describe('the settlement of a day', () => {
  it('differs by nothing when our books are right, cash aside', async () => {
    const day = today();
    const { orderId } = await paid();
    await paid();
    await refunded(orderId, 30_000);
    expect(await report(day)).toEqual({ date: day, captured: 259_800, refunded: 30_000, difference: 0, rows: [], compared: 3 });
  });

  it('names each row that is missing on one side or differs, with both amounts', async () => {
    const day = today();
    const [differs, unknown, invented] = [await paid(), await paid(), await paid()];
    const refundId = await refunded(differs.orderId, 500);
    const stray = newId('pay');
    await one.database.execute(sql`UPDATE payments SET amount = 129_000 WHERE razorpay_payment_id = ${differs.paymentId}`);
    await one.database.execute(sql`UPDATE payments SET status = 'failed' WHERE razorpay_payment_id = ${unknown.paymentId}`);
    await one.database.execute(sql`UPDATE payment_effects SET payment_id = ${stray} WHERE payment_id = ${invented.paymentId}`);
    await one.database.execute(sql`
      INSERT INTO payments (razorpay_payment_id, order_id, amount, currency, status, attempted_at)
      VALUES (${stray}, ${invented.orderId}, 700, 'INR', 'captured', now())`);
    await one.database.execute(sql`UPDATE refunds SET razorpay_refund_id = NULL WHERE razorpay_refund_id = ${refundId}`);
    const found = await report(day);
    const row = (razorpayId: string) => found.rows.find((one) => one.razorpayId === razorpayId);
    expect(row(differs.paymentId)).toMatchObject({ kind: 'payment', orderId: differs.orderId, ours: 129_000, razorpay: 129_900 });
    expect(row(unknown.paymentId)).toMatchObject({ kind: 'payment', ours: null, razorpay: 129_900, problem: 'missing in our books' });
    expect(row(stray)).toMatchObject({ kind: 'payment', orderId: invented.orderId, ours: 700, razorpay: null });
    expect(row(refundId)).toMatchObject({ kind: 'refund', ours: null, razorpay: 500 });
    expect(found.rows).toHaveLength(4);
    expect(found.difference).toBe(900 + 129_900 + 700 + 500);
    await one.database.execute(sql`UPDATE payments SET amount = 129_900, status = 'captured' WHERE amount = 129_000 OR status = 'failed'`);
    await one.database.execute(sql`DELETE FROM payment_effects WHERE payment_id = ${stray}`);
    await one.database.execute(sql`UPDATE refunds SET razorpay_refund_id = ${refundId} WHERE order_id = ${differs.orderId}`);
    expect(await report(day)).toMatchObject({ difference: 0, rows: [] });
  });

  it('takes what one side heard of after midnight for no difference', async () => {
    const day = today();
    const { paymentId } = await paid();
    await one.database.execute(sql`
      UPDATE payment_effects SET created_at = created_at - interval '1 day' WHERE payment_id = ${paymentId}`);
    expect(await report(dayAfter(day, -1))).toMatchObject({ captured: 0, difference: 0, rows: [] });
    expect(await report(day)).toMatchObject({ difference: 0, rows: [] });
  });

  it.each(['2026-02-30', '2026-13-01', '0000-01-01', '1999-12-31'])('is not asked for on %s', async (date) => {
    expect(await codeOf(report(date))).toBe('validation_failed');
  });

  it('checks yesterday once for all replicas, and again after Razorpay was silent', async () => {
    const day = today();
    const whenTheDayIsOver = (startOf(dayAfter(day, 1)) ?? 0) + SETTLING_MS;
    const { orderId } = await fixture.opened(one);
    const stray = newId('pay');
    await one.database.execute(sql`
      INSERT INTO payments (razorpay_payment_id, order_id, amount, currency, status, attempted_at)
      VALUES (${stray}, ${orderId}, 4_200, 'INR', 'captured', now())`);
    await one.database.execute(sql`INSERT INTO payment_effects (payment_id, effect) VALUES (${stray}, 'captured')`);
    const check = (replica: Replica) => replica.app.get(SettlementCheck).checkYesterday(whenTheDayIsOver);
    simulator.controls.addFault({ endpoint: '*', kind: '502-html', times: null });
    expect(await codeOf(check(one))).toBe('unavailable');
    simulator.controls.clearFaults();
    const rowOf = () => one.database.row(sql`SELECT difference, checked_at IS NULL AS open FROM settlement_days WHERE day = ${day}`);
    expect(await rowOf()).toEqual({ difference: null, open: true });
    await one.database.execute(sql`UPDATE settlement_days SET claimed_until = now()`);
    await Promise.all([check(one), check(two)]);
    expect(await rowOf()).toEqual({ difference: 4_200, open: false });
    await check(two);
    expect((await settlementDifference.get()).values).toMatchObject([{ value: 4_200 }]);
    await one.database.execute(sql`DELETE FROM payment_effects WHERE payment_id = ${stray}`);
    await Promise.all([check(one), check(two)]);
    expect(await rowOf()).toEqual({ difference: 4_200, open: false });
  });

  it.each(['hang', '502-html', 'reset-before-commit', '429'] as const)(
    'is unavailable while Razorpay does not answer: %s',
    async (kind) => {
      simulator.controls.addFault({ endpoint: '*', kind, times: null });
      expect(await codeOf(report())).toBe('unavailable');
      simulator.controls.clearFaults();
    },
  );
});
