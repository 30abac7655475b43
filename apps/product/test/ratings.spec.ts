import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProductFilter } from '#libs/contracts/product/listing';
import type { RatingChanged } from '#libs/contracts/review/messages';
import { eventually } from '#libs/testing/builders';
import { ProductReactions } from '../src/product.reactions.ts';
import { ProductFixture } from './product-fixture.ts';

/** What products show of their reviews. */
let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const hear = (...ratings: RatingChanged[]): Promise<void> =>
  fixture.replica.database.transaction((transaction) =>
    fixture.replica.app.get(ProductReactions).onReviewRatingChanged(ratings, { transaction }),
  );
const shows = (id: string, average: number, count: number) =>
  eventually(async () => {
    const { rating } = await fixture.replica.shop.detail({ id });
    return rating.average === average && rating.count === count;
  });
const idsOf = async (filter: Partial<ProductFilter>): Promise<string[]> =>
  (await fixture.replica.shop.list(Object.assign(new ProductFilter(), { limit: 100, ...filter }))).items.map(({ id }) => id);

describe('a rating', () => {
  it('is the one with the highest version, whatever order they come in and however often', async () => {
    const { id: productId } = await fixture.product([{}]);
    await shows(productId, 0, 0);
    await hear({ productId, average: 4.5, count: 2, version: 2 }, { productId, average: 5, count: 1, version: 1 });
    await shows(productId, 4.5, 2);
    await hear({ productId, average: 3.67, count: 3, version: 7 });
    await hear({ productId, average: 5, count: 1, version: 1 });
    await hear({ productId, average: 3.67, count: 3, version: 7 });
    await shows(productId, 3.67, 3);
    await hear({ productId, average: 0, count: 0, version: 8 });
    await shows(productId, 0, 0);
  });

  it('sorts and filters lists', async () => {
    const [low, high, none] = [await fixture.product([{}]), await fixture.product([{}]), await fixture.product([{}])];
    await hear({ productId: low.id, average: 3.2, count: 5, version: 1 }, { productId: high.id, average: 4.8, count: 9, version: 1 });
    await shows(low.id, 3.2, 5);
    const sorted = await idsOf({ sort: 'rating' });
    expect(sorted.indexOf(high.id)).toBeLessThan(sorted.indexOf(low.id));
    expect(sorted.indexOf(low.id)).toBeLessThan(sorted.indexOf(none.id));
    expect(await idsOf({ minRating: 4 })).toEqual([high.id]);
    await hear({ productId: low.id, average: 4.1, count: 6, version: 2 });
    await shows(low.id, 4.1, 6);
    expect(new Set(await idsOf({ minRating: 4 }))).toEqual(new Set([high.id, low.id]));
  });

  it('of a product that the catalogue does not know changes nothing', async () => {
    await hear({ productId: '01980000-0000-7000-8000-0000000000ff', average: 4, count: 1, version: 1 });
  });
});
