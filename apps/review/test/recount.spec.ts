import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RatingChanged } from '#libs/contracts/review/messages';
import type { Fit, ReviewSummary } from '#libs/contracts/review/views';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually, patiently } from '#libs/testing/builders';
import { averageOf } from '../src/review.ts';
import { call, close, database, deliver, edit, moderate, open, page, published, reviews, staff, voices, write } from './review-fixture.ts';

/** Every kept sum equals a look at all rows, whatever happened before and at once. */
beforeAll(() => open({ RATE_LIMIT_SCALE: '100000' }));
afterAll(close);

interface Counted {
  readonly rating: number;
  readonly fit: Fit | null;
  readonly verified: boolean;
  readonly size: string | null;
}

async function recount(productId: string): Promise<ReviewSummary> {
  const rows = await database().rows<Counted>(
    sql`SELECT rating, fit, verified, size FROM reviews WHERE product_id = ${productId} AND status = 'approved'`,
  );
  const count = (test: (row: Counted) => boolean): number => rows.filter(test).length;
  const fits = (test: (row: Counted) => boolean) => ({
    small: count((row) => test(row) && row.fit === 'small'),
    true: count((row) => test(row) && row.fit === 'true'),
    large: count((row) => test(row) && row.fit === 'large'),
  });
  const stars = (rating: number): number => count((row) => row.rating === rating);
  const sizes = [...new Set(rows.flatMap(({ verified, size, fit }) => (verified && size !== null && fit !== null ? [size] : [])))].sort();
  return {
    average: averageOf(
      rows.reduce((sum, { rating }) => sum + rating, 0),
      rows.length,
    ),
    count: rows.length,
    histogram: { 1: stars(1), 2: stars(2), 3: stars(3), 4: stars(4), 5: stars(5) },
    fit: { ...fits(() => true), sizes: sizes.map((size) => ({ size, ...fits((row) => row.verified && row.size === size) })) },
  };
}

async function expectRecount(productId: string): Promise<void> {
  const summary = await recount(productId);
  expect((await page(productId)).summary).toEqual(summary);
  const told = (await published<RatingChanged>('review.ratingChanged')).filter((one) => one.productId === productId);
  const last = told.reduce<RatingChanged | undefined>((best, one) => (one.version > (best?.version ?? 0) ? one : best), undefined);
  expect({ average: last?.average ?? 0, count: last?.count ?? 0 }).toEqual({ average: summary.average, count: summary.count });
  expect(new Set(told.map(({ version }) => version)).size).toBe(told.length);
  const kept = await database().rows(
    sql`SELECT id, helpful_votes, unhelpful_votes, open_reports FROM reviews WHERE product_id = ${productId} ORDER BY id`,
  );
  const counted = await database().rows(sql`
    SELECT id, (SELECT count(*)::int FROM votes WHERE review_id = id AND helpful) AS helpful_votes,
      (SELECT count(*)::int FROM votes WHERE review_id = id AND NOT helpful) AS unhelpful_votes,
      (SELECT count(*)::int FROM reports WHERE review_id = id AND is_open) AS open_reports
    FROM reviews WHERE product_id = ${productId} ORDER BY id`);
  expect(kept).toEqual(counted);
}

async function expectCounts(): Promise<void> {
  const [counted] = await database().rows(sql`
    SELECT count(*) FILTER (WHERE status = 'pending') AS pending, count(*) FILTER (WHERE status = 'approved') AS approved,
      count(*) FILTER (WHERE status = 'hidden') AS hidden, count(*) FILTER (WHERE open_reports > 0) AS reported FROM reviews`);
  expect((await staff().list({ limit: 1 })).counts).toEqual(counted);
}

const FITS = ['small', 'true', 'large', undefined] as const;

/** What may happen to a product of six people; each person has at most one review of it. */
const deed = fc.oneof(
  fc.record({
    kind: fc.constant('write' as const),
    who: fc.nat(5),
    stars: fc.integer({ min: 1, max: 5 }),
    fit: fc.constantFrom(...FITS),
    isHeld: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('edit' as const),
    who: fc.nat(5),
    stars: fc.integer({ min: 1, max: 5 }),
    fit: fc.constantFrom(...FITS),
    isHeld: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('remove' as const), who: fc.nat(5) }),
  fc.record({ kind: fc.constant('moderate' as const), who: fc.nat(5), status: fc.constantFrom('approved' as const, 'hidden' as const) }),
  fc.record({ kind: fc.constant('deliver' as const), who: fc.nat(5), size: fc.constantFrom('S', 'M') }),
  fc.record({ kind: fc.constant('vote' as const), who: fc.nat(5), by: fc.nat(5), helpful: fc.constantFrom(true, false, undefined) }),
  fc.record({ kind: fc.constant('report' as const), who: fc.nat(5), by: fc.nat(5) }),
);
type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never;

class Scene {
  readonly productId = uuidv7();
  private readonly people = Array.from({ length: 6 }, () => uuidv7());

  async do(one: Deed, index: number): Promise<void> {
    const userId = this.people[one.who] as string;
    const id = await this.reviewOf(userId);
    const replica = index % 2;
    if (one.kind === 'write')
      await codeOf(write({ productId: this.productId, rating: one.stars, body: textOf(one, index), ...fitOf(one) }, userId, replica));
    else if (one.kind === 'deliver') await patiently(() => deliver(userId, { [this.productId]: one.size }));
    else if (id === undefined) return;
    else if (one.kind === 'edit') await codeOf(edit({ id, rating: one.stars, body: textOf(one, index), ...fitOf(one) }, userId, replica));
    else if (one.kind === 'remove') await codeOf(reviews(replica).remove({ id }, call(userId)));
    else if (one.kind === 'moderate') await codeOf(moderate(id, one.status));
    else if (one.kind === 'report') await codeOf(voices(replica).report({ id, reason: 'fake' }, call(this.people[one.by])));
    else if (one.helpful === undefined) await codeOf(voices(replica).unvote({ id }, call(this.people[one.by])));
    else await codeOf(voices(replica).vote({ id, helpful: one.helpful }, call(this.people[one.by])));
  }

  private async reviewOf(userId: string): Promise<string | undefined> {
    const found = await database().row<{ id: string }>(
      sql`SELECT id FROM reviews WHERE user_id = ${userId} AND product_id = ${this.productId}`,
    );
    return found?.id;
  }
}

const textOf = ({ isHeld }: { isHeld: boolean }, index: number): string => (isHeld ? `Look at www.example.org ${index}` : `Words ${index}`);
const fitOf = ({ fit }: { fit: Fit | undefined }): { fit?: Fit } => (fit === undefined ? {} : { fit });

describe('the sums', () => {
  it('are locked before the counts by every change, so that changes never wait for each other', async () => {
    const productId = uuidv7();
    await write({ productId });
    await database().execute(sql`
      INSERT INTO status_counts (status, part, count) SELECT status, part, 0
      FROM unnest(ARRAY['pending', 'approved', 'hidden']) AS status, generate_series(0, 15) AS part ON CONFLICT DO NOTHING`);
    const waiting = await database().transaction(async (transaction) => {
      await transaction.rows(sql`SELECT FROM summaries WHERE product_id = ${productId} FOR UPDATE`);
      const post = write({ productId }, uuidv7(), 1);
      await eventually(async () => {
        const blocked = await database().rows(sql`
          SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`);
        return blocked.length > 0;
      });
      await transaction.rows(sql`SELECT FROM status_counts FOR UPDATE NOWAIT`);
      return { post };
    });
    await waiting.post;
    await expectRecount(productId);
  });

  it('equal a recount after random histories, and the highest version that was told says the same', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 30 }), async (deeds) => {
        const scene = new Scene();
        for (const [index, one] of deeds.entries()) await scene.do(one, index);
        await expectRecount(scene.productId);
      }),
      { numRuns: 15 },
    );
    await expectCounts();
  });

  it('equal a recount after 1,000 changes that come at once', { timeout: 240_000 }, async () => {
    const scene = new Scene();
    const deeds = fc.sample(deed, { numRuns: 1_000, seed: 42 });
    await Promise.all(
      Array.from({ length: 24 }, async (_, lane) => {
        for (let index = lane; index < deeds.length; index += 24) await scene.do(deeds[index] as Deed, index);
      }),
    );
    await expectRecount(scene.productId);
    await expectCounts();
  });
});
