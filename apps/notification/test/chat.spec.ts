import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { aCall, aUser, eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { ChatReactions } from '../src/chat.reactions.ts';
import { DeliveryHandlers } from '../src/delivery/delivery.handlers.ts';
import { FeedHandlers } from '../src/feed/feed.handlers.ts';
import { DeviceHandlers } from '../src/reach/device.handlers.ts';
import { NotificationStore } from '../src/store/notification-store.ts';
import { aDatabase, aPerson, openShop, type Shop, unreadChats } from './notification-fixture.ts';

let scratch: ScratchDatabase;
let shop: Shop;
beforeAll(async () => {
  scratch = await aDatabase();
  shop = await openShop(scratch);
});
afterAll(async () => {
  await shop?.app.close();
  await scratch?.drop();
});

const hear = (work: (reactions: ChatReactions, delivery: TransactionalDelivery) => Promise<void>) =>
  shop.hears((transaction) => work(shop.app.get(ChatReactions), { eventId: uuidv7(), version: 1, requestId: 'suite', transaction }));
const due = (userId: string, threadId: string, sequence: number) =>
  hear((reactions, delivery) =>
    reactions.onChatUnreadDue({ userId, threadId, role: 'customer', sequence, count: 1, at: new Date().toISOString() }, delivery),
  );
const read = (userId: string, threadId: string, sequence: number) =>
  hear((reactions, delivery) => reactions.onChatRead({ userId, threadId, sequence }, delivery));
const listOf = async (userId: string) => (await shop.app.get(FeedHandlers).list({ userId, limit: 20 })).items;

async function aReader(): Promise<{ userId: string; threadId: string; token: string }> {
  const { userId } = aPerson();
  const [threadId, token] = [uuidv7(), `token-${uuidv7()}`];
  await shop.app
    .get(DeviceHandlers)
    .registerToken({ token, platform: 'android', deviceId: `device-${userId}` }, aCall({ actor: aUser(userId) }));
  return { userId, threadId, token };
}

describe('a thread that stays unread', () => {
  it('is told by push and in the list with what is unread as it leaves, and cleared everywhere once it is read', async () => {
    const { userId, threadId, token } = await aReader();
    unreadChats.set(`${userId} ${threadId}`, 3);
    await due(userId, threadId, 7);
    const [told] = await eventually(async () => (await listOf(userId)).length > 0 && listOf(userId));
    expect(told).toMatchObject({ template: 'chat_unread', category: 'chat', body: 'You have 3 unread.', data: { threadId } });
    expect(told?.data.link).toBe(`https://shop.test/demo/chat/${threadId}`);
    await eventually(async () => (await shop.inbox(token)).length === 1);
    await read(userId, threadId, 7);
    await eventually(async () => (await listOf(userId))[0]?.readAt !== undefined);
    const pushes = await eventually(async () => {
      const all = await shop.inbox(token);
      return all.length === 2 && all;
    });
    expect(pushes[0]?.data).toEqual({ type: 'clear', threadId });
    expect(await listOf(userId)).toHaveLength(1);
  });

  it('is read in the list also where that was read just before it came there', async () => {
    const { userId, threadId } = await aReader();
    unreadChats.set(`${userId} ${threadId}`, 1);
    const store = shop.app.get(NotificationStore);
    const add = store.add.bind(store);
    const adding = vi.spyOn(store, 'add').mockImplementation(async (notifications) => {
      if (notifications.some((one) => one.userId === userId)) await read(userId, threadId, 1);
      await add(notifications);
    });
    try {
      await due(userId, threadId, 1);
      await eventually(async () => (await listOf(userId)).length > 0);
      await eventually(async () => (await listOf(userId))[0]?.readAt !== undefined);
    } finally {
      adding.mockRestore();
    }
  });

  it('is told no more when it was read before that leaves, and when the news of reading comes first', async () => {
    const { userId, threadId, token } = await aReader();
    await due(userId, threadId, 3);
    await eventually(async () => {
      const { items } = await shop.app.get(DeliveryHandlers).deliveries({ userId, limit: 20 });
      return items.filter(({ state, reason }) => state === 'skipped' && reason === 'stale').length === 2;
    });
    unreadChats.set(`${userId} ${threadId}`, 1);
    await read(userId, threadId, 9);
    await due(userId, threadId, 9);
    await due(userId, threadId, 10);
    await eventually(async () => (await listOf(userId)).length > 0);
    expect(await listOf(userId)).toHaveLength(1);
    await eventually(async () => (await shop.inbox(token)).some(({ data }) => data?.type !== 'clear'));
  });
});
