import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Order } from '#libs/contracts/order/views';
import { sql } from '#libs/persistence/sql';
import { eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { DeliveryHandlers } from '../src/delivery/delivery.handlers.ts';
import { FeedHandlers } from '../src/feed/feed.handlers.ts';
import { NotificationReactions } from '../src/notification.reactions.ts';
import { aDatabase, aPerson, openShop, orders, type Shop, staff } from './notification-fixture.ts';

/** What is told of payments and of coupons that name people. */
let scratch: ScratchDatabase;
let shop: Shop;
let reactions: NotificationReactions;

beforeAll(async () => {
  scratch = await aDatabase();
  shop = await openShop(scratch);
  reactions = shop.app.get(NotificationReactions);
});
afterAll(async () => {
  await shop?.app.close();
  await scratch?.drop();
});

const delivery = () => ({ eventId: uuidv7(), version: 1, requestId: 'suite' });
const listOf = async (userId: string) => (await shop.app.get(FeedHandlers).list({ userId, limit: 20 })).items;
const anOrder = (fields: Partial<Order> = {}): string => {
  const id = uuidv7();
  const order = { id, number: `OU-${id.slice(-6)}`, total: 129_900, status: 'pending_payment', paymentStatus: 'unpaid', ...fields };
  orders.set(id, order as Order);
  return id;
};

describe('a payment that failed', () => {
  const fails = async (orderId: string) => {
    const { userId } = aPerson();
    await shop.hears((transaction) =>
      reactions.onPaymentFailed({ orderId, userId, paymentId: 'pay_1', at: new Date().toISOString() }, { ...delivery(), transaction }),
    );
    return userId;
  };
  const waiting = (userId: string) =>
    shop.database.rows<{ channel: string; seconds: number }>(sql`
      SELECT channel, extract(epoch FROM due_at - created_at)::int AS seconds FROM outgoing WHERE user_id = ${userId} ORDER BY channel`);
  const inFiveMinutes = async (userId: string) => {
    await shop.database.execute(sql`UPDATE outgoing SET due_at = now() WHERE user_id = ${userId}`);
    return eventually(async () => {
      const { items } = await shop.app.get(DeliveryHandlers).deliveries({ userId, limit: 20 });
      return (
        items.length === 2 &&
        items.every(({ state }) => !['waiting', 'queued', 'sending'].includes(state)) &&
        Object.fromEntries(items.map(({ channel, state, reason }) => [channel, reason ?? state]))
      );
    });
  };

  it('is told five minutes later as a push and in the list, while the order is unpaid', async () => {
    const userId = await fails(anOrder());
    expect(await waiting(userId)).toEqual([
      { channel: 'in_app', seconds: 300 },
      { channel: 'push', seconds: 300 },
    ]);
    expect(await inFiveMinutes(userId)).toEqual({ in_app: 'delivered', push: 'no_device' });
    const [told] = await listOf(userId);
    expect(told).toMatchObject({ template: 'payment_failed', category: 'orders', data: { orderId: expect.any(String) } });
    expect(told?.body).toMatch(/Your payment for order OU-\w{6} did not go through/);
  });

  it('is not told once the order is paid or over, nor of an order that nobody knows', async () => {
    const orderId = anOrder();
    const userId = await fails(orderId);
    orders.set(orderId, { ...(orders.get(orderId) as Order), status: 'confirmed', paymentStatus: 'paid' });
    expect(await inFiveMinutes(userId)).toEqual({ in_app: 'stale', push: 'no_device' });
    expect(await listOf(userId)).toEqual([]);
    expect(await waiting(await fails(uuidv7()))).toEqual([]);
  });
});

describe('what a person has to look at', () => {
  it('is told to all staff and to nobody else, with the order and the amount', async () => {
    const [support, admin, customer] = [aPerson(), aPerson(), aPerson()];
    for (const { userId } of [support, admin]) staff.add(userId);
    const orderId = anOrder();
    const at = new Date().toISOString();
    await shop.hears((transaction) =>
      reactions.onPaymentNeedsPerson({ kind: 'refund_failed', orderId, amount: 50_000, at }, { ...delivery(), transaction }),
    );
    await shop.hears((transaction) => reactions.onPaymentNeedsPerson({ kind: 'bad_credentials', at }, { ...delivery(), transaction }));
    for (const { userId } of [support, admin]) {
      const told = await eventually(async () => {
        const items = await listOf(userId);
        return items.length === 2 && items;
      });
      expect(told.map(({ template, body }) => [template, body]).sort()).toEqual([
        ['staff_alert', `A refund failed: ${orders.get(orderId)?.number}, ₹500`],
        ['staff_alert', 'The payment provider refuses our key: Razorpay'],
      ]);
    }
    expect(await listOf(customer.userId)).toEqual([]);
  });
});

describe('a coupon that names people', () => {
  it('is told to each of them with its code and its end', async () => {
    const [first, second] = [aPerson(), aPerson()];
    const userIds = [first.userId, second.userId];
    const issued = { couponId: uuidv7(), userIds, code: 'FOR-YOU', endsAt: '2030-03-14T12:35:00.000Z', cause: 'admin' } as const;
    await shop.hears((transaction) => reactions.onCouponIssued(issued, { ...delivery(), transaction }));
    for (const userId of userIds) {
      const [told] = await eventually(async () => {
        const items = await listOf(userId);
        return items.length > 0 && items;
      });
      expect(told).toMatchObject({ template: 'coupon_issued', category: 'promotions' });
      expect(told?.body).toBe('Use code FOR-YOU until 14 March 2030 at 6:05 pm.');
    }
  });
});
