import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RatingChanged } from '#libs/contracts/review/messages';
import { sql } from '#libs/persistence/sql';
import { codeOf } from '#libs/testing/builders';
import { ReviewRepository } from '../src/review.repository.ts';
import {
  call,
  close,
  database,
  deliver,
  edit,
  ids,
  moderate,
  names,
  open,
  page,
  published,
  replica,
  reviews,
  voices,
  withdrawn,
  write,
} from './review-fixture.ts';

/** Reviews as people write and read them, on a real PostgreSQL. */
beforeAll(() => open({ RATE_LIMIT_SCALE: '1000' }));
afterAll(close);

describe('writing', () => {
  it('shows a review at once, under the first name and initial, and its text as it was sent', async () => {
    const [productId, userId] = [uuidv7(), uuidv7()];
    names.set(userId, '  Asha   Kumari Rao ');
    const written = await write({ productId, rating: 4, title: ' Good\u00a0', body: 'Line\n\nline  ', fit: 'true' }, userId);
    expect(written).toMatchObject({
      author: 'Asha R.',
      title: ' Good\u00a0',
      body: 'Line\n\nline  ',
      status: 'approved',
      userId,
      verifiedPurchase: false,
    });
    const { items, summary } = await page(productId);
    expect(items).toHaveLength(1);
    expect(items[0]).not.toHaveProperty('userId');
    expect(items[0]).not.toHaveProperty('holds');
    expect(summary).toEqual({
      ...{ average: 4, count: 1, histogram: { 1: 0, 2: 0, 3: 0, 4: 1, 5: 0 } },
      fit: { small: 0, true: 1, large: 0, sizes: [] },
    });
  });

  it('keeps one review of a person and product, also of twenty at once on two replicas', async () => {
    const [productId, userId] = [uuidv7(), uuidv7()];
    const codes = await Promise.all(Array.from({ length: 20 }, (_, index) => codeOf(write({ productId }, userId, index % 2))));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
    expect(codes.filter((code) => code === 'review.already_exists')).toHaveLength(19);
    const [id] = await ids(productId);
    await expect(write({ productId }, userId)).rejects.toMatchObject({ fields: { reviewId: id } });
    await reviews().remove({ id: id as string }, call(userId));
    expect(await codeOf(write({ productId }, userId))).toBe('ok');
  });

  it('makes one review of a request that comes twice with its key', async () => {
    const [productId, userId] = [uuidv7(), uuidv7()];
    const input = { productId, rating: 3 };
    const [first, again] = await Promise.all([0, 1].map((index) => reviews(index).write(input, call(userId, 'customer', 'once'))));
    expect(again).toEqual(first);
    withdrawn.add(productId);
    expect(await reviews().write(input, call(userId, 'customer', 'once'))).toEqual(first);
  });

  it('is not refused for a review that is taken back at the same moment', async () => {
    const [productId, userId] = [uuidv7(), uuidv7()];
    const first = await write({ productId }, userId);
    const rows = replica().get(ReviewRepository);
    const idOf = rows.idOf.bind(rows);
    rows.idOf = async (...asked) => {
      rows.idOf = idOf;
      await database().execute(sql`DELETE FROM reviews WHERE id = ${first.id}`);
      return idOf(...asked);
    };
    const { id } = await write({ productId }, userId);
    expect(await ids(productId)).toEqual([id]);
  });

  it('refuses a product that is unknown or withdrawn, and repeated or foreign pictures', async () => {
    const productId = uuidv7();
    withdrawn.add(productId);
    expect(await codeOf(write({ productId }))).toBe('not_found');
    const image = uuidv7();
    expect(await codeOf(write({ images: [image, image] }))).toBe('validation_failed');
    expect(await codeOf(write({ images: [image] }))).toBe('review.image_unusable');
  });
});

describe('editing', () => {
  it('replaces all of it, keeps what was there before, and takes the same text for no edit', async () => {
    const userId = uuidv7();
    const first = await write({ rating: 2, title: 'Thin', fit: 'small' }, userId);
    const second = await edit({ id: first.id, rating: 4 }, userId);
    expect(second).toMatchObject({ rating: 4, status: 'approved' });
    expect(second).not.toHaveProperty('title');
    expect(second.editedAt).toBeDefined();
    expect(await edit({ id: first.id, rating: 4 }, userId)).toEqual(second);
    const { items } = await reviews().history({ id: first.id }, call(userId));
    expect(items).toEqual([{ rating: 2, title: 'Thin', body: first.body, fit: 'small', images: [], at: first.createdAt }]);
    expect(await codeOf(reviews().history({ id: first.id }, call()))).toBe('not_found');
    expect(await codeOf(edit({ id: first.id, rating: 1 }, uuidv7()))).toBe('not_found');
  });

  it('keeps the newest hundred former versions', async () => {
    const userId = uuidv7();
    const { id } = await write({ body: 'Words 0' }, userId);
    for (let n = 1; n <= 103; n += 1) await edit({ id, rating: 5, body: `Words ${n}` }, userId);
    const { items } = await reviews().history({ id }, call(userId));
    expect(items.map(({ body }) => body)).toEqual(Array.from({ length: 100 }, (_, n) => `Words ${102 - n}`));
  });

  it('leaves the stars as they are once somebody voted, and after 30 days', async () => {
    const userId = uuidv7();
    const voted = await write({}, userId);
    await voices().vote({ id: voted.id, helpful: false }, call());
    expect(await codeOf(edit({ id: voted.id, rating: 1, body: 'Other' }, userId))).toBe('review.rating_locked');
    expect((await reviews().one({ id: voted.id }, call(userId))).body).toBe(voted.body);
    expect(await codeOf(edit({ id: voted.id, rating: 5, body: 'Other' }, userId))).toBe('ok');
    const old = await write({}, userId);
    await database().execute(sql`UPDATE reviews SET created_at = now() - interval '31 days' WHERE id = ${old.id}`);
    expect(await codeOf(edit({ id: old.id, rating: 1 }, userId))).toBe('review.rating_locked');
  });
});

describe('holds', () => {
  const seen = async (id: string): Promise<string> => codeOf(reviews().one({ id }, call()));

  it('keeps a text that names a way out of the shop from readers and from the summary, until it is edited', async () => {
    const [productId, userId] = [uuidv7(), uuidv7()];
    const held = await write({ productId, body: 'Cheaper at 98765 43210' }, userId);
    expect(held.status).toBe('pending');
    expect(held).not.toHaveProperty('holds');
    expect(await seen(held.id)).toBe('not_found');
    expect((await page(productId)).summary.count).toBe(0);
    const edited = await edit({ id: held.id, rating: 5, body: 'Cheaper elsewhere' }, userId);
    expect(edited.status).toBe('approved');
    expect((await page(productId)).summary.count).toBe(1);
    expect((await edit({ id: held.id, rating: 5, body: 'See www.example.org' }, userId)).status).toBe('pending');
    expect((await page(productId)).summary.count).toBe(0);
  });

  it('shows five unverified reviews a day, also of ten at once, and verified ones beside them', async () => {
    const userId = uuidv7();
    const written = await Promise.all(Array.from({ length: 10 }, (_, index) => write({}, userId, index % 2)));
    expect(written.filter(({ status }) => status === 'approved')).toHaveLength(5);
    const productId = uuidv7();
    await deliver(userId, { [productId]: 'M' });
    expect((await write({ productId }, userId)).status).toBe('approved');
    expect((await write({}, userId)).status).toBe('pending');
  });

  it('counts a review that was taken back as a post of the day', async () => {
    const userId = uuidv7();
    for (let count = 0; count < 5; count += 1) await reviews().remove({ id: (await write({}, userId)).id }, call(userId));
    expect((await write({}, userId)).status).toBe('pending');
  });

  it('holds the next review of an author of whom one was hidden, deleted or not, until that one is approved', async () => {
    const userId = uuidv7();
    const first = await write({}, userId);
    await moderate(first.id, 'hidden');
    expect((await write({}, userId)).status).toBe('pending');
    await moderate(first.id, 'approved');
    expect((await write({}, userId)).status).toBe('approved');
    await moderate(first.id, 'hidden');
    await reviews().remove({ id: first.id }, call(userId));
    expect((await write({}, userId)).status).toBe('pending');
    await database().execute(sql`UPDATE hidden_marks SET hidden_at = now() - interval '91 days' WHERE user_id = ${userId}`);
    expect((await write({}, userId)).status).toBe('approved');
  });

  it('makes a hidden review that is edited wait, and leaves one that is sent again as it is hidden', async () => {
    const userId = uuidv7();
    const { id, body = '' } = await write({}, userId);
    await moderate(id, 'hidden');
    expect((await edit({ id, rating: 5, body }, userId)).status).toBe('hidden');
    expect((await edit({ id, rating: 5, body: 'Better words' }, userId)).status).toBe('pending');
  });
});

describe('verified purchases', () => {
  it('verify a review that was written before and one that is written after, with the size of the latest delivery', async () => {
    const [productId, userId] = [uuidv7(), uuidv7()];
    const early = await write({ productId, fit: 'small' }, userId);
    await deliver(userId, { [productId]: 'M' });
    expect(await reviews().one({ id: early.id }, call(userId))).toMatchObject({ verifiedPurchase: true, size: 'M' });
    expect((await page(productId)).summary.fit.sizes).toEqual([{ size: 'M', small: 1, true: 0, large: 0 }]);
    await deliver(userId, { [productId]: 'L' });
    await deliver(userId, { [productId]: 'S' }, { at: new Date(Date.now() - 86_400_000).toISOString() });
    expect(await reviews().one({ id: early.id }, call(userId))).toMatchObject({ size: 'L' });
    expect((await page(productId)).summary.fit.sizes).toEqual([{ size: 'L', small: 1, true: 0, large: 0 }]);
    const other = uuidv7();
    await deliver(other, { [productId]: 'XL' });
    expect(await write({ productId }, other)).toMatchObject({ verifiedPurchase: true, size: 'XL' });
  });

  it('are found by whichever comes first, the delivery or the review, when both come at once', async () => {
    const productId = uuidv7();
    const people = Array.from({ length: 12 }, () => uuidv7());
    await Promise.all(people.flatMap((userId, index) => [write({ productId }, userId, index % 2), deliver(userId, { [productId]: 'M' })]));
    expect((await page(productId, { verified: true, limit: 100 })).items).toHaveLength(12);
  });
});

describe("a product's rating", () => {
  it('is told with absolute numbers whose version rises, and only when it changes', async () => {
    const [productId, userId] = [uuidv7(), uuidv7()];
    const { id } = await write({ productId, rating: 4 }, userId);
    await write({ productId, rating: 5 });
    await write({ productId, rating: 5 });
    await edit({ id, rating: 4, body: 'Other words' }, userId);
    await moderate(id, 'hidden');
    const told = (await published<RatingChanged>('review.ratingChanged')).filter((one) => one.productId === productId);
    expect(told.map(({ average, count }) => [average, count])).toEqual([
      [4, 1],
      [4.5, 2],
      [4.67, 3],
      [5, 2],
    ]);
    expect(told.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
  });
});

describe('a page', () => {
  it('puts 95 of 100 before one of one, and the newest of equal ones first', async () => {
    const productId = uuidv7();
    const [one, most, none, newer] = [
      await write({ productId }),
      await write({ productId }),
      await write({ productId }),
      await write({ productId }),
    ];
    await database().execute(sql`UPDATE reviews SET helpful_votes = 1 WHERE id = ${one.id}`);
    await database().execute(sql`UPDATE reviews SET helpful_votes = 95, unhelpful_votes = 5 WHERE id = ${most.id}`);
    await database().execute(sql`UPDATE reviews SET unhelpful_votes = 3 WHERE id = ${none.id}`);
    expect(await ids(productId)).toEqual([most.id, one.id, newer.id, none.id]);
    const [row] = await database().rows<{ helpfulness: number }>(sql`SELECT helpfulness FROM reviews WHERE id = ${most.id}`);
    expect(row?.helpfulness).toBeCloseTo(0.8882, 4);
  });

  it('follows every sort and filter, page by page, without skipping or repeating', async () => {
    const productId = uuidv7();
    for (let count = 0; count < 15; count += 1) await write({ productId, rating: (count % 5) + 1 });
    await database().execute(sql`UPDATE reviews SET verified = true WHERE product_id = ${productId} AND rating = 2`);
    const all = await ids(productId, { sort: 'newest', limit: 100 });
    for (const sort of ['helpful', 'newest', 'rating_high', 'rating_low'] as const) {
      const seen: { id: string; rating: number }[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const part = await page(productId, { sort, limit: 4, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...part.items);
        if (seen.length === 4) await write({ productId, rating: 3 });
        cursor = part.nextCursor;
      }
      const old = seen.map(({ id }) => id).filter((id) => all.includes(id));
      expect([...old].sort()).toEqual([...all].sort());
      expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
      const ratings = seen.map(({ rating }) => rating);
      if (sort === 'rating_high') expect(ratings).toEqual([...ratings].sort((a, b) => b - a));
      if (sort === 'rating_low') expect(ratings).toEqual([...ratings].sort((a, b) => a - b));
    }
    expect(await ids(productId, { rating: 2 })).toEqual(await ids(productId, { verified: true }));
    expect(await ids(productId, { withImages: true })).toEqual([]);
    expect((await page(productId, { rating: 1 })).summary.count).toBeGreaterThan(15);
  });
});
