import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { DeliveryHandlers } from '../src/delivery/delivery.handlers.ts';
import { FeedHandlers } from '../src/feed/feed.handlers.ts';
import { FeedbackReactions } from '../src/feedback.reactions.ts';
import { PreferenceHandlers } from '../src/reach/preference.handlers.ts';
import { UnsubscribeHandlers } from '../src/reach/unsubscribe.handlers.ts';
import { aDatabase, aPerson, openShop, type Shop, unsubscribed } from './notification-fixture.ts';

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

const hear = (work: (reactions: FeedbackReactions, delivery: TransactionalDelivery) => Promise<void>) =>
  shop.hears((transaction) => work(shop.app.get(FeedbackReactions), { transaction, eventId: uuidv7(), version: 1, requestId: uuidv7() }));
const listOf = async (userId: string) =>
  (await shop.app.get(FeedHandlers).list({ userId, limit: 20 })).items.map(({ template, data }) => ({ template, data }));
const mailTo = async (email: string | null, text: string) =>
  eventually(async () => (await shop.inbox(email ?? '')).find((message) => JSON.stringify(message).includes(text)));

describe('news of feedback', () => {
  it('reach author and voters with the id that each knows, and say nothing else', async () => {
    const [author, voter, feedbackId] = [aPerson(), aPerson(), uuidv7()];
    const userIds = [author.userId, voter.userId];
    await hear((reactions, delivery) =>
      reactions.onFeedbackMoved({ feedbackId, userIds, status: 'planned', replyId: uuidv7(), version: 2 }, delivery),
    );
    const link = `https://shop.test/demo/feedback/${feedbackId}`;
    for (const userId of userIds)
      expect(await eventually(async () => (await listOf(userId)).length > 0 && (await listOf(userId)))).toEqual([
        { template: 'feedback_status', data: { feedbackId, status: 'planned', link } },
      ]);
    await mailTo(author.email, 'planned');
    await hear((reactions, delivery) =>
      reactions.onFeedbackReplied({ feedbackId, userId: author.userId, replyId: uuidv7(), status: 'planned' }, delivery),
    );
    await eventually(async () => (await listOf(author.userId)).some(({ template }) => template === 'feedback_reply'));
  });

  it('carry a link in their mail that ends those of this item alone', async () => {
    const [author, feedbackId] = [aPerson(), uuidv7()];
    await hear((reactions, delivery) =>
      reactions.onFeedbackMoved({ feedbackId, userIds: [author.userId], status: 'resolved', version: 2 }, delivery),
    );
    const mail = JSON.stringify(await mailTo(author.email, 'List-Unsubscribe'));
    const [, token = ''] = /unsubscribe\?token=([\w-]+)/.exec(mail) ?? [];
    const unsubscribing = shop.app.get(UnsubscribeHandlers);
    expect(String((await unsubscribing.unsubscribePage({ token })).body)).toContain('this piece of feedback');
    for (let times = 0; times < 2; times += 1)
      expect(await unsubscribing.unsubscribe({ bytes: Buffer.alloc(0), headers: {}, query: { token } })).toMatchObject({ feedbackId });
    const [left] = await shop.database.rows<{ payload: { userId: string; feedbackId: string } }>(
      sql`SELECT payload::jsonb AS payload FROM outbox WHERE event = 'notification.unsubscribed' LIMIT 1`,
    );
    expect(left?.payload).toMatchObject({ userId: author.userId, feedbackId });
    const { channels } = await shop.app.get(PreferenceHandlers).preferences({ userId: author.userId });
    expect(channels.account.email).toBe(true);
  });

  it('do not leave to somebody who wants to hear no more of it, whatever was published before', async () => {
    const [author, feedbackId] = [aPerson(), uuidv7()];
    unsubscribed.add(`${feedbackId} ${author.userId}`);
    await hear((reactions, delivery) =>
      reactions.onFeedbackMoved({ feedbackId, userIds: [author.userId], status: 'resolved', version: 2 }, delivery),
    );
    await hear((reactions, delivery) =>
      reactions.onFeedbackReplied({ feedbackId, userId: author.userId, replyId: uuidv7(), status: 'resolved' }, delivery),
    );
    const mails = await eventually(async () => {
      const { items } = await shop.app.get(DeliveryHandlers).deliveries({ userId: author.userId, channel: 'email', limit: 20 });
      return items.length === 2 && items.every(({ state }) => !['queued', 'waiting', 'sending'].includes(state)) && items;
    });
    expect(mails.map(({ state, reason }) => [state, reason])).toEqual([
      ['skipped', 'stale'],
      ['skipped', 'stale'],
    ]);
    expect(await shop.inbox(author.email ?? '')).toEqual([]);
  });

  it('that nobody of the staff answered in time are told to them, with where to answer', async () => {
    const [person, feedbackId] = [aPerson(), uuidv7()];
    await hear((reactions, delivery) => reactions.onFeedbackOverdue({ feedbackId, userIds: [person.userId], priority: 'high' }, delivery));
    expect(await eventually(async () => (await listOf(person.userId)).length > 0 && (await listOf(person.userId)))).toEqual([
      { template: 'staff_alert', data: { feedbackId, link: `https://shop.test/demo/staff/feedback/${feedbackId}` } },
    ]);
  });
});
