import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refuse } from '#libs/contracts/errors';
import { inTheEnd } from '#libs/testing/builders';
import { GatewayFixture, type GatewayProcess, START_LIMIT_MS } from './gateway-fixture.ts';

/** The page of a product, whose parts come from services that this suite plays. */
let fixture: GatewayFixture;
let gateway: GatewayProcess;
const [id, categoryId] = [uuidv7(), uuidv7()];
const away = new Set<string>();
const asked: unknown[] = [];

const card = (one: string) => ({
  ...{ id: one, slug: `kurta-${one}`, name: 'Kurta', description: '', brand: 'Aaranya', categoryId, images: [], variantId: null, price: 1 },
  ...{ priceVaries: false, mrp: 1, currency: 'INR', rating: { average: 4, count: 1 }, inStock: true, attributes: {}, hsn: null },
  ...{ countryOfOrigin: null, createdAt: new Date().toISOString() },
});
const detail = {
  ...card(id),
  variants: [],
  options: { sizes: [], colors: [] },
  category: { id: categoryId, name: 'Kurtas', slug: 'kurtas' },
};
const summary = {
  ...{ average: 4, count: 1, histogram: { 1: 0, 2: 0, 3: 0, 4: 1, 5: 0 } },
  fit: { small: 0, true: 1, large: 0, sizes: [{ size: 'M', small: 0, true: 1, large: 0 }] },
};
const present = <T>(name: string, answer: T): T => {
  if (away.has(name)) throw refuse('unavailable');
  return answer;
};

beforeAll(async () => {
  fixture = await GatewayFixture.start();
  await fixture.service('product', {
    'product.detail': () => present('product', detail),
    'product.related': () => present('product', { items: [card(uuidv7())] }),
  });
  await fixture.service('review', {
    'review.ofProduct': (input) => {
      asked.push(input);
      return present('review', { items: [], nextCursor: null, summary });
    },
  });
  gateway = await fixture.gateway();
}, START_LIMIT_MS);
afterAll(() => fixture?.stop());

const page = async (ref: string) => {
  const answer = await fetch(`${gateway.url}/api/products/${ref}/page`);
  return { status: answer.status, tag: answer.headers.get('etag'), body: await answer.json() };
};

describe("a product's page", () => {
  it('has the product, its summary and first reviews, and others of its category, under one tag', async () => {
    const { status, tag, body } = await page(id);
    expect({ status, body }).toMatchObject({ status: 200, body: { product: { id }, reviews: { items: [], summary } } });
    expect(body.related.items).toHaveLength(1);
    expect(body.reviews).not.toHaveProperty('nextCursor');
    expect(tag).not.toBeNull();
  });

  it('lacks the part whose service is away, and is there all the same', async () => {
    away.add('review');
    // What was read a moment ago is shown for a second more.
    await inTheEnd(async () => expect(await page('kurta')).toMatchObject({ status: 200, body: { product: { id }, reviews: null } }));
    away.clear();
    away.add('product');
    const other = uuidv7();
    expect(await page(other)).toMatchObject({ status: 200, body: { product: null, reviews: { summary }, related: null } });
    away.clear();
  });
});
