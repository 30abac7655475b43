import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Order } from '#libs/contracts/order/views';
import { type ReviewFilter, VoteOnReview } from '#libs/contracts/review/api';
import type { RequestDue, ReviewUpdated } from '#libs/contracts/review/messages';
import { sql } from '#libs/persistence/sql';
import { codeOf } from '#libs/testing/builders';
import { ExportHandlers } from '../src/export.handlers.ts';
import { RequestHandlers } from '../src/request.handlers.ts';
import { ReviewReactions } from '../src/review.reactions.ts';
import {
  call,
  close,
  database,
  deliver,
  edit,
  ids,
  moderate,
  open,
  orders,
  page,
  published,
  replica,
  replicas,
  reviews,
  staff,
  voices,
  withdrawn,
  write,
} from './review-fixture.ts';

/** What readers and staff do with reviews, on a real PostgreSQL; with the usual limits. */
beforeAll(() => open({ REVIEW_REQUEST_AFTER_SECONDS: '0' }));
afterAll(close);

const vote = (id: string, userId: string, helpful = true, index = 0) =>
  voices(index).vote(Object.assign(new VoteOnReview(), { id, helpful }), call(userId));
const queue = (filter: Partial<ReviewFilter> = {}) => staff().list({ limit: 100, ...filter });
const staffView = (id: string) => reviews().one({ id }, call(undefined, 'support'));
const told = async (reviewId: string): Promise<string[]> =>
  (await published<ReviewUpdated>('review.updated')).filter((one) => one.reviewId === reviewId).map(({ kind }) => kind);

describe('votes', () => {
  it('count once a person, the last one, also of ten at once; taking one back counts too', async () => {
    const { id } = await write();
    const userId = uuidv7();
    await Promise.all(Array.from({ length: 10 }, (_, index) => vote(id, userId, true, index % 2)));
    expect(await vote(id, uuidv7(), false)).toEqual({ helpfulCount: 1, unhelpfulCount: 1, vote: 'unhelpful' });
    expect(await vote(id, userId, false)).toEqual({ helpfulCount: 0, unhelpfulCount: 2, vote: 'unhelpful' });
    for (let repeat = 0; repeat < 2; repeat += 1)
      expect(await voices().unvote({ id }, call(userId))).toEqual({ helpfulCount: 0, unhelpfulCount: 1, vote: null });
  });

  it('are refused on an own review, and there is no other that is not shown', async () => {
    const userId = uuidv7();
    const { id } = await write({}, userId);
    expect(await codeOf(vote(id, userId))).toBe('review.own_review');
    expect(await codeOf(voices().report({ id, reason: 'fake' }, call(userId)))).toBe('review.own_review');
    await moderate(id, 'hidden');
    expect(await codeOf(vote(id, uuidv7()))).toBe('not_found');
    expect(await codeOf(voices().report({ id, reason: 'fake' }, call()))).toBe('not_found');
    expect(await codeOf(vote(uuidv7(), uuidv7()))).toBe('not_found');
  });
});

describe('limits', () => {
  it('let twenty posts and edits an hour through, count no refused one, and say when to come back', async () => {
    const userId = uuidv7();
    const { id, productId } = await write({}, userId);
    expect(await codeOf(write({ productId }, userId))).toBe('review.already_exists');
    const codes = await Promise.all(
      Array.from({ length: 24 }, (_, index) => codeOf(edit({ id, rating: 5, body: `Words ${index}` }, userId, index % 2))),
    );
    expect(codes.filter((code) => code === 'ok')).toHaveLength(19);
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(5);
    await expect(write({}, userId)).rejects.toMatchObject({ code: 'rate_limited', retryAfter: expect.closeTo(3_600, -2) });
    await database().execute(sql`UPDATE authors SET posts_since = posts_since - interval '1 hour' WHERE user_id = ${userId}`);
    expect(await codeOf(write({}, userId))).toBe('ok');
  });

  it('let 120 votes and twenty reports through', async () => {
    const [{ id }, userId] = [await write(), uuidv7()];
    await database().execute(
      sql`INSERT INTO authors (user_id, votes, votes_since, reports, reports_since) VALUES (${userId}, 119, now(), 19, now())`,
    );
    expect([await codeOf(vote(id, userId)), await codeOf(vote(id, userId))]).toEqual(['ok', 'rate_limited']);
    const report = () => codeOf(voices().report({ id, reason: 'spam' }, call(userId)));
    expect([await report(), await report()]).toEqual(['ok', 'rate_limited']);
  });
});

describe('moderation', () => {
  it('keeps who decided what with its note for staff, closes the reports, and does nothing twice', async () => {
    const author = uuidv7();
    const { id } = await write({}, author);
    const reporter = uuidv7();
    for (const reason of ['spam', 'fake'] as const) await voices().report({ id, reason, note: 'Look at it' }, call(reporter));
    await voices().report({ id, reason: 'spam' }, call());
    expect((await staffView(id)).reports).toEqual({ count: 2, reasons: { spam: 2 } });
    expect((await queue({ reported: true })).items.map((one) => one.id)).toContain(id);
    const kept = await moderate(id, 'approved');
    expect(kept).toMatchObject({ status: 'approved', reports: { count: 0, reasons: {} } });
    expect((await queue({ reported: true })).items.map((one) => one.id)).not.toContain(id);
    const hidden = await moderate(id, 'hidden', 'An advertisement');
    expect(hidden.moderation?.map(({ status, note }) => [status, note])).toEqual([
      ['approved', undefined],
      ['hidden', 'An advertisement'],
    ]);
    expect(await moderate(id, 'hidden', 'An advertisement')).toEqual(hidden);
    expect(await told(id)).toEqual(['hidden']);
    const own = await reviews().one({ id }, call(author));
    expect(own.status).toBe('hidden');
    for (const inner of ['holds', 'reports', 'moderation']) expect(own).not.toHaveProperty(inner);
    expect(await codeOf(reviews().one({ id }, call()))).toBe('not_found');
  });

  it('tells the author that a held review is shown, and says no holds any more', async () => {
    const { id, productId } = await write({ body: 'Write to me@example.org' });
    expect(await staffView(id)).toMatchObject({ status: 'pending', holds: ['contact'] });
    expect(await moderate(id, 'approved')).toMatchObject({ status: 'approved', holds: [] });
    expect(await told(id)).toEqual(['approved']);
    expect(await ids(productId)).toEqual([id]);
  });

  it('is not for an own review', async () => {
    const userId = uuidv7();
    const { id } = await write({}, userId);
    expect(await codeOf(staff().moderate({ id, status: 'hidden' }, call(userId, 'admin')))).toBe('review.own_review');
  });

  it('lists the oldest first, by every filter, page by page, with counts of the whole shop', async () => {
    const [productId, userId] = [uuidv7(), uuidv7()];
    const before = (await queue()).counts;
    const own = await write({ productId }, userId);
    const held = await write({ productId, body: 'www.example.org' });
    const hidden = await write({ productId });
    await moderate(hidden.id, 'hidden');
    await voices().report({ id: own.id, reason: 'other' }, call());
    expect((await queue({ productId })).items.map(({ id }) => id)).toEqual([own.id, held.id, hidden.id]);
    expect((await queue({ productId, status: 'pending' })).items.map(({ id }) => id)).toEqual([held.id]);
    expect((await queue({ userId })).items.map(({ id }) => id)).toEqual([own.id]);
    const first = await staff().list({ productId, limit: 2 });
    const second = await staff().list({ productId, limit: 2, cursor: first.nextCursor as string });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([own.id, held.id, hidden.id]);
    const { counts } = await queue({ productId });
    expect(counts).toEqual({
      ...{ pending: before.pending + 1, approved: before.approved + 1, hidden: before.hidden + 1, reported: before.reported + 1 },
    });
  });
});

describe('the reply of the shop', () => {
  it('is public, replaces the one before, and is told once for each text', async () => {
    const { id, productId } = await write();
    const reply = (body: string) => staff().reply({ id, body }, call(undefined, 'support'));
    await reply('Thank you');
    await reply('Thank you');
    await reply('Thank you, Asha');
    const [shown] = (await page(productId)).items;
    expect(shown?.reply).toEqual({ body: 'Thank you, Asha', at: expect.any(String) });
    expect(await told(id)).toEqual(['replied', 'replied']);
    expect(await staff().removeReply({ id }, call(undefined, 'support'))).not.toHaveProperty('reply');
  });
});

describe('requests', () => {
  const anOrder = (items: { productId: string; quantity?: number; returnedQuantity?: number; cancelledQuantity?: number }[]): Order =>
    // What the service reads of an order.
    ({
      status: 'delivered',
      items: items.map((item) => ({ quantity: 1, returnedQuantity: 0, cancelledQuantity: 0, ...item })),
    }) as unknown as Order;
  const asked = async (orderId: string): Promise<string[][]> =>
    (await published<RequestDue>('review.requestDue')).filter((one) => one.orderId === orderId).map(({ productIds }) => productIds);

  it('ask once about what was neither returned nor reviewed nor withdrawn', async () => {
    const [userId, orderId] = [uuidv7(), uuidv7()];
    const [open, returned, reviewed, gone] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
    orders.set(
      orderId,
      anOrder([{ productId: open }, { productId: returned, returnedQuantity: 1 }, { productId: reviewed }, { productId: gone }]),
    );
    await write({ productId: reviewed }, userId);
    withdrawn.add(gone);
    await deliver(userId, { [open]: 'M', [returned]: 'M', [reviewed]: 'M', [gone]: 'M' }, { orderId });
    await Promise.all(replicas.flatMap((one) => [1, 2].map(() => one.get(RequestHandlers).askDue())));
    expect(await asked(orderId)).toEqual([[open]]);
    expect(await replica().get(RequestHandlers).toAskFor({ orderId, userId })).toEqual({ productIds: [open] });
    await write({ productId: open }, userId);
    expect(await replica().get(RequestHandlers).toAskFor({ orderId, userId })).toEqual({ productIds: [] });
  });

  it('say nothing where nothing is left to ask about', async () => {
    const [userId, orderId, productId] = [uuidv7(), uuidv7(), uuidv7()];
    orders.set(orderId, anOrder([{ productId, returnedQuantity: 1 }]));
    await deliver(userId, { [productId]: 'M' }, { orderId });
    await replica().get(RequestHandlers).askDue();
    expect(await asked(orderId)).toEqual([]);
    expect(await database().row(sql`SELECT 1 FROM requests WHERE order_id = ${orderId}`)).toBeUndefined();
  });
});

describe('an erased author', () => {
  it("leaves stars, text and votes as nobody's, and nothing else", async () => {
    const [userId, productId, reader] = [uuidv7(), uuidv7(), uuidv7()];
    const { id } = await write({ productId, rating: 3, title: 'Fine' }, userId);
    await edit({ id, rating: 3, title: 'Good' }, userId);
    await vote(id, reader);
    await voices().report({ id, reason: 'private_data', note: 'Names somebody' }, call(reader));
    const other = await write({ productId });
    await vote(other.id, userId);
    await deliver(userId, { [uuidv7()]: 'M' });
    const [archive] = [JSON.parse((await replica().get(ExportHandlers).exportOf({ userId })).content)];
    expect(archive).toMatchObject([
      { votes: [{ reviewId: other.id, helpful: true }], purchases: [{ size: 'M' }] },
      { id, title: 'Good', formerVersions: [{ title: 'Fine' }] },
    ]);
    const erase = () =>
      database().transaction((transaction) =>
        replica()
          .get(ReviewReactions)
          .onAuthErased({ userId, at: new Date().toISOString() }, { eventId: uuidv7(), version: 1, requestId: 'test', transaction }),
      );
    await erase();
    await erase();
    const { items, summary } = await page(productId, { sort: 'newest' });
    expect(items.map(({ author, helpfulCount }) => [author, helpfulCount])).toEqual([
      ['Asha R.', 1],
      ['Deleted user', 1],
    ]);
    expect(summary.count).toBe(2);
    expect(await staffView(id)).toMatchObject({ userId: null, title: 'Good', reports: { count: 1, reasons: { private_data: 1 } } });
    expect((await reviews().history({ id }, call(undefined, 'support'))).items).toEqual([]);
    expect(await database().row(sql`SELECT 1 FROM reports WHERE note IS NOT NULL AND review_id = ${id}`)).toBeUndefined();
    for (const table of [sql`votes`, sql`purchases`, sql`requests`, sql`unverified_posts`, sql`reviews`])
      expect(await database().row(sql`SELECT 1 FROM ${table} WHERE user_id = ${userId}`)).toBeUndefined();
    expect(await codeOf(write({}, userId))).toBe('unauthenticated');
    await deliver(userId, { [productId]: 'M' });
    expect(await database().row(sql`SELECT 1 FROM purchases WHERE user_id = ${userId}`)).toBeUndefined();
  });
});
