import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderApi } from '#libs/contracts/order/api';
import { codeOf, eventually, withKey } from '#libs/testing/builders';
import { cashIdOf } from '../src/payment.ts';
import { RefundSender } from '../src/refund-sender.ts';
import { callOf, PaymentFixture, type Replica } from './payment-fixture.ts';

let fixture: PaymentFixture;
let one: Replica;

beforeAll(async () => {
  fixture = await PaymentFixture.start();
  one = await fixture.replica();
});
afterAll(() => fixture.stop());

const staff = () => callOf(uuidv7(), ['support']);

/** Delivered, and the courier has brought 80,000 paise. */
async function collected() {
  const { orderId, userId } = fixture.shopOrder(80_000);
  Object.assign(fixture.shopOrders.get(orderId) ?? {}, { status: 'delivered', payable: false, received: 80_000 });
  const cash = { orderId, userId, amount: 80_000 };
  await fixture.tell(orderApi.events.cashCollected, cash);
  await fixture.tell(orderApi.events.cashCollected, cash);
  return { orderId, userId };
}

describe('an order without a Razorpay order', () => {
  it('is shown to its owner and to staff with the amount that the order knows, and to nobody else', async () => {
    const { orderId, userId } = fixture.shopOrder(80_000);
    const empty = { orderId, amount: 80_000, captured: 0, refunded: 0, attempts: [], captures: [], refunds: [], disputes: [] };
    expect(await one.payment.ofOrder({ orderId }, callOf(userId))).toEqual(empty);
    expect(await one.payment.ofOrder({ orderId }, staff())).toEqual({ ...empty, razorpay: 'up' });
    expect(await codeOf(one.payment.ofOrder({ orderId }, callOf(uuidv7())))).toBe('not_found');
    expect(await codeOf(one.payment.ofOrder({ orderId: uuidv7() }, staff()))).toBe('not_found');
  });
});

describe('cash', () => {
  it('is one capture, however often its event comes', async () => {
    const { orderId, userId } = await collected();
    const cash = { razorpayPaymentId: cashIdOf(orderId), status: 'captured', amount: 80_000, method: 'cash' };
    expect(await one.payment.ofOrder({ orderId }, callOf(userId))).toMatchObject({ amount: 80_000, captured: 80_000, captures: [cash] });
    expect(await codeOf(one.payment.ofOrder({ orderId }, callOf(uuidv7())))).toBe('not_found');
  });

  it('goes back by hand: Razorpay is never asked, and the refund is processed once staff says so', async () => {
    const { orderId, userId } = await collected();
    const { id } = await one.refunds.refund({ orderId, reason: 'r', amount: 30_000 }, staff());
    await one.app.get(RefundSender).sendDue();
    expect(await one.payment.ofOrder({ orderId }, callOf(userId))).toMatchObject({ refunded: 0, refunds: [{ id, status: 'pending' }] });
    const call = staff();
    const settle = () => one.refunds.settleRefund({ id }, withKey(call, `settle-${id}`));
    expect(await settle()).toMatchObject({ id, status: 'processed', razorpayRefundId: null });
    expect(await settle()).toMatchObject({ id, status: 'processed' });
    expect(await codeOf(one.refunds.settleRefund({ id }, staff()))).toBe('payment.refund_not_settleable');
    expect(await one.payment.ofOrder({ orderId }, staff())).toMatchObject({ captured: 80_000, refunded: 30_000 });
    await eventually(() => fixture.changesOf(orderId).length === 1);
    expect(fixture.changesOf(orderId)).toEqual(['1 processed']);
    expect(fixture.razorpay.requests.filter(({ route }) => route.includes('refund'))).toEqual([]);
  });

  it('goes back up to what was collected', async () => {
    const { orderId, userId } = await collected();
    const due = (amount: number) => ({ refundId: uuidv7(), orderId, userId, paymentId: null, amount, reason: 'returned' });
    await Promise.all([50_000, 50_000].map((amount) => fixture.tell(orderApi.events.refundDue, due(amount))));
    const { refunds } = await one.payment.ofOrder({ orderId }, staff());
    expect(refunds.map(({ status }) => status).sort()).toEqual(['failed', 'pending']);
  });

  it('that is not noted yet delays its refund and loses nothing', async () => {
    const { orderId, userId } = fixture.shopOrder(80_000);
    const due = { refundId: uuidv7(), orderId, userId, paymentId: null, amount: 500, reason: 'returned' };
    await expect(fixture.tell(orderApi.events.refundDue, due)).rejects.toThrow();
    expect((await one.payment.ofOrder({ orderId }, staff())).refunds).toEqual([]);
    await fixture.tell(orderApi.events.cashCollected, { orderId, userId, amount: 80_000 });
    await fixture.tell(orderApi.events.refundDue, due);
    expect(await one.payment.ofOrder({ orderId }, staff())).toMatchObject({ refunds: [{ id: due.refundId, status: 'pending' }] });
  });

  it('is all that can be settled by hand', async () => {
    const { orderId } = await fixture.paid(one);
    fixture.razorpay.refundStatus = 'pending';
    const { id } = await one.refunds.refund({ orderId, reason: 'r', amount: 100 }, staff());
    expect(await codeOf(one.refunds.settleRefund({ id }, staff()))).toBe('payment.refund_not_settleable');
    expect(await codeOf(one.refunds.settleRefund({ id: uuidv7() }, staff()))).toBe('not_found');
  });
});
