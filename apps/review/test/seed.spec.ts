import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RatingChanged } from '#libs/contracts/review/messages';
import { seed } from '../demo/review.seed.ts';
import { close, database, open, page, published } from './review-fixture.ts';

beforeAll(() => open());
afterAll(close);

it('the demo shop’s reviews are there once, verified, and product hears of their ratings', async () => {
  const goods = [1, 2].map((index) => ({ id: uuidv7(), slug: `kurta-${index}`, name: 'Kurta', image: null, price: 99_900, size: 'M' }));
  expect(await seed(database(), {}, { people: new Map(), goods })).toEqual({ summary: ['3 reviews added'] });
  expect(await seed(database(), {}, { people: new Map(), goods })).toEqual({ summary: ['0 reviews added'] });
  const shown = await page(goods[0]?.id ?? '');
  expect(shown.items).toHaveLength(2);
  expect(shown.items.every(({ verifiedPurchase }) => verifiedPurchase)).toBe(true);
  expect(shown.summary).toMatchObject({ average: 4.5, count: 2 });
  const told = (await published<RatingChanged>('review.ratingChanged')).filter(({ productId }) => productId === goods[0]?.id);
  expect(told.at(-1)).toMatchObject({ average: 4.5, count: 2 });
});
