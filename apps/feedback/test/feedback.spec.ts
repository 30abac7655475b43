import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FilesUsed } from '#libs/contracts/storage/messages';
import { sql } from '#libs/persistence/sql';
import { codeOf } from '#libs/testing/builders';
import {
  aFeedback,
  answers,
  by,
  bySupport,
  close,
  database,
  feedback,
  listed,
  MEERA,
  ORDER,
  open,
  PRODUCT,
  pictures,
  published,
  queue,
  seenByAuthor,
  seenByStaff,
  send,
  storage,
  titled,
} from './feedback-fixture.ts';

beforeAll(() => open());
afterAll(close);

describe('sending', () => {
  it('keeps the texts as they were sent, with what they are about as of that moment', async () => {
    const subject = '  Zip is broken \u{1F600} ';
    const sent = await feedback.send(
      aFeedback({ subject, rating: 2, orderId: ORDER.orderId, productId: PRODUCT.productId, appVersion: '4.1.0' }),
      by(MEERA),
    );
    expect(sent).toMatchObject({
      subject,
      rating: 2,
      status: 'open',
      votes: 1,
      subscribed: true,
      images: [],
      replies: [],
      appVersion: '4.1.0',
    });
    expect(sent.timeline).toEqual([{ status: 'open', at: sent.createdAt }]);
    expect((await seenByStaff(sent.id)).context).toEqual({
      orderNumber: ORDER.number,
      orderStatus: ORDER.status,
      productName: PRODUCT.name,
    });
  });

  it('takes the version of the app from the header where the body has none', async () => {
    const call = { ...by(uuidv7()), client: { ip: '::1', agent: 'Only2U/4.2', appVersion: '4.2.0' } };
    const sent = await feedback.send(aFeedback(), call);
    expect(sent.appVersion).toBe('4.2.0');
    expect((await feedback.send(aFeedback({ appVersion: '3.9' }), call)).appVersion).toBe('3.9');
    expect((await seenByStaff(sent.id)).context).toEqual({ userAgent: 'Only2U/4.2' });
  });

  it("keeps nothing where the order is another's, the product unknown or a picture named twice", async () => {
    const userId = uuidv7();
    expect(await codeOf(feedback.send(aFeedback({ orderId: ORDER.orderId }), by(userId)))).toBe('not_found');
    expect(await codeOf(feedback.send(aFeedback({ productId: uuidv7() }), by(userId)))).toBe('not_found');
    const image = uuidv7();
    expect(await codeOf(feedback.send(aFeedback({ images: [image, image] }), by(userId)))).toBe('validation_failed');
    expect((await feedback.ofUser({ userId, limit: 20 })).items).toEqual([]);
  });

  it('with one key makes one, however often and at once it is sent', async () => {
    const userId = uuidv7();
    const input = aFeedback();
    const sent = await Promise.all(Array.from({ length: 10 }, () => feedback.send(input, by(userId, 'customer', 'one key'))));
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    expect((await feedback.ofUser({ userId, limit: 20 })).items).toEqual([sent[0]]);
  });

  it('lists own ones newest first, page by page, by status as well', async () => {
    const userId = uuidv7();
    const all = [];
    for (let count = 0; count < 5; count += 1) all.unshift(await send(userId));
    const first = await feedback.ofUser({ userId, limit: 3 });
    const second = await feedback.ofUser({ userId, limit: 3, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items]).toEqual(all);
    expect(second.nextCursor).toBeNull();
    await queue.move({ id: all[2]?.id ?? '', status: 'planned' }, bySupport());
    expect((await feedback.ofUser({ userId, status: 'planned', limit: 3 })).items.map(({ id }) => id)).toEqual([all[2]?.id]);
  });

  it('is not found by others, and seen whole by the staff', async () => {
    const sent = await send();
    expect(await codeOf(feedback.view({ id: sent.id }, by(uuidv7())))).toBe('not_found');
    expect(await codeOf(feedback.view({ id: uuidv7() }, bySupport()))).toBe('not_found');
    expect(await seenByStaff(sent.id)).toMatchObject({ priority: 'normal', held: false, notes: [], mergedFrom: [], assigneeId: null });
  });
});

describe('pictures', () => {
  it('stay free where the feedback is refused for what it is about', async () => {
    const image = uuidv7();
    pictures.add(image);
    const before = storage.checks;
    expect(await codeOf(feedback.send(aFeedback({ orderId: ORDER.orderId, images: [image] }), by(uuidv7())))).toBe('not_found');
    expect(storage.checks).toBe(before);
  });

  it('are own files for feedback, held from then on, and opened by links of 900 s while storage answers', async () => {
    const [one, other, foreign] = [uuidv7(), uuidv7(), uuidv7()];
    pictures.add(one).add(other);
    const refused = await feedback.send(aFeedback({ images: [one, foreign] }), by(MEERA)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'feedback.image_unusable', fields: { imageIds: [foreign] } });
    const sent = await feedback.send(aFeedback({ images: [one, other] }), by(MEERA));
    expect(sent.images).toEqual([one, other].map((id) => ({ id, url: `/files/${id}?seconds=900` })));
    expect((await published<FilesUsed>('feedback.filesUsed')).filter(({ ref }) => ref === sent.id)).toEqual([
      { ref: sent.id, userId: MEERA, fileIds: [one, other], shown: false, version: 1 },
    ]);
    storage.isAway = true;
    expect((await seenByStaff(sent.id)).images).toEqual([{ id: one }, { id: other }]);
    storage.isAway = false;
  });
});

describe('what is held', () => {
  it('is the sixth within an hour, the same again and what has many links, unseen by its author', async () => {
    const userId = uuidv7();
    const sent = [];
    for (let count = 0; count < 6; count += 1) sent.push(await send(userId));
    const again = await feedback.send(aFeedback({ subject: 'Slow', message: 'very slow' }), by(MEERA));
    const repeated = await feedback.send(aFeedback({ subject: ' sLow', message: 'VERY\n slow' }), by(MEERA));
    const links = await send(uuidv7(), { message: 'http://a.in https://www.b.in www.c.in http://d.in' });
    const few = await send(uuidv7(), { message: 'http://a.in https://www.b.in www.c.in' });
    const holdsOf = async (id: string) => (await seenByStaff(id)).holds;
    expect(await Promise.all(sent.map(({ id }) => holdsOf(id)))).toEqual([[], [], [], [], [], ['many']]);
    expect(await Promise.all([again, repeated, links, few].map(({ id }) => holdsOf(id)))).toEqual([[], ['repeated'], ['links'], []]);
    expect(Object.keys(repeated).sort()).toEqual(Object.keys(again).sort());

    const found = await listed({ userId });
    expect(found).toMatchObject({ total: 5, counts: { status: { open: 5 } } });
    const held = sent[5]?.id ?? '';
    expect((await listed({ userId, held: true })).items.map(({ id }) => id)).toEqual([held]);
    await queue.change({ id: held, held: false });
    expect(await listed({ userId })).toMatchObject({ total: 6 });
    expect(await codeOf(queue.change({ id: held, held: true }))).toBe('validation_failed');
  });
});

describe('similar ones', () => {
  it('are own ones and others by their public title, never by what others wrote', async () => {
    const [mine, other, secret] = [
      await send(MEERA, { subject: 'Wishlist hearts vanish after login', message: 'gone' }),
      await send(uuidv7(), { subject: 'My private words zebra', message: 'Hearts of the wishlist vanish, zebra' }),
      await send(uuidv7(), { subject: 'Wishlist hearts vanish', message: 'too' }),
    ];
    await titled(other, 'Wishlist hearts vanish');
    const similar = (q: string) => feedback.similar({ q }, by(MEERA));
    expect((await similar('wishlist hearts vani')).items).toEqual([
      { id: other.id, title: 'Wishlist hearts vanish', category: 'bug', status: 'open', votes: 1, mine: false },
      { id: mine.id, title: mine.subject, category: 'bug', status: 'open', votes: 1, mine: true },
    ]);
    expect((await similar('zebra')).items).toEqual([]);
    expect((await feedback.similar({ q: 'wishlist hearts', category: 'praise' }, by(MEERA))).items).toEqual([]);
    await queue.move({ id: other.id, status: 'resolved' }, bySupport());
    expect((await similar('wishlist hearts')).items.map(({ id }) => id)).toEqual([mine.id]);
    expect(secret.id).toBeDefined();
  });
});

describe('a long own text', () => {
  it('that has all of what is asked for is similar, whatever else it says', async () => {
    const userId = uuidv7();
    const words = Array.from({ length: 120 }, () => uuidv7().replaceAll('-', ' ')).join(' ');
    const sent = await send(userId, { subject: 'About the app', message: `${words} the coupon vanishes` });
    const similar = async (q: string) => (await feedback.similar({ q }, by(userId))).items.map(({ id }) => id);
    expect(await similar('coupon vanishes')).toEqual([sent.id]);
    expect(await similar('parcel arrives')).toEqual([]);
  });
});

describe('what an author sees', () => {
  const SHOWN = [
    ...['id', 'userId', 'category', 'subject', 'message', 'rating', 'images', 'orderId', 'productId', 'appVersion', 'status', 'subscribed'],
    ...['votes', 'replies', 'timeline', 'createdAt', 'updatedAt'],
  ];

  it('is as it was, whatever the staff do among themselves', async () => {
    const sent = await send(MEERA, { rating: 1, orderId: ORDER.orderId, productId: PRODUCT.productId });
    const target = await send();
    const before = await seenByAuthor(sent);
    await queue.change({ id: sent.id, assigneeId: bySupportId(), priority: 'urgent', tags: ['spam'], publicTitle: 'Title' });
    await answers.addNote({ id: sent.id, body: 'A difficult person' }, bySupport());
    expect(await seenByAuthor(sent)).toEqual(before);
    expect(Object.keys(before).every((key) => SHOWN.includes(key))).toBe(true);
    expect((await seenByStaff(sent.id)).updatedAt > before.updatedAt).toBe(true);
    expect(target.id).toBeDefined();
  });

  it('has only declared members in lists and answers too', async () => {
    const userId = uuidv7();
    const sent = await send(userId);
    await queue.move({ id: sent.id, status: 'in_review', note: 'inner', reply: 'We look at it' }, bySupport());
    const reply = await answers.reply({ id: sent.id, body: 'Thanks' }, by(userId));
    const [listed] = (await feedback.ofUser({ userId, limit: 1 })).items;
    for (const shown of [sent, listed, await seenByAuthor(sent)])
      expect(Object.keys(shown ?? {}).filter((key) => !SHOWN.includes(key))).toEqual([]);
    expect(Object.keys(reply).sort()).toEqual(['at', 'body', 'from', 'id']);
    expect(JSON.stringify([listed, await seenByAuthor(sent)])).not.toMatch(/inner|Staff|support/);
    expect(listed?.replies.map(({ from, body }) => [from, body])).toEqual([
      ['staff', 'We look at it'],
      ['author', 'Thanks'],
    ]);
  });
});

const bySupportId = (): string => {
  const { actor } = bySupport();
  return actor.kind === 'user' ? actor.userId : '';
};

describe('a full hour', () => {
  it('is counted over all requests that come at once', async () => {
    const userId = uuidv7();
    await database.execute(sql`SELECT 1`);
    const codes = await Promise.all(Array.from({ length: 12 }, () => codeOf(() => send(userId))));
    expect(codes).toEqual(Array.from({ length: 12 }, () => 'ok'));
    const kept = (await listed({ userId, held: true })).items.length + (await listed({ userId })).items.length;
    expect(kept).toBe(12);
    expect((await listed({ userId })).items).toHaveLength(5);
  });
});
