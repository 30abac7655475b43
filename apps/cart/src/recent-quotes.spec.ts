import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { refuse } from '#libs/contracts/errors';
import type { productApi } from '#libs/contracts/product/api';
import type { CatalogueChange, Quote } from '#libs/contracts/product/messages';
import type { Peer } from '#libs/messaging/peer';
import type { Signals } from '#libs/messaging/signals';
import { aQuote, inTheEnd } from '#libs/testing/builders';
import { RecentQuotes } from './recent-quotes.ts';

/** Product as the quotes see it: what it has, and what it was asked. */
class Product {
  readonly quotes = new Map<string, Quote>();
  readonly questions: (readonly string[])[] = [];
  isDown = false;
  changed: (change: CatalogueChange) => void = () => undefined;

  variant(fields: Partial<Quote> = {}): string {
    const variantId = randomUUID();
    this.quotes.set(variantId, aQuote({ variantId, productId: randomUUID(), available: 500, ...fields }));
    return variantId;
  }

  price(variantId: string, price: number): void {
    this.quotes.set(variantId, aQuote({ ...this.quotes.get(variantId), price }));
  }

  productOf(variantId: string): string {
    return this.quotes.get(variantId)?.productId ?? '';
  }
}

let product: Product;
let recent: RecentQuotes;
beforeEach(() => {
  product = new Product();
  const peer: Pick<Peer<typeof productApi>, 'quote'> = {
    quote: async ({ variantIds }) => {
      product.questions.push(variantIds);
      if (product.isDown) throw refuse('unavailable');
      const items = variantIds.flatMap((id) => product.quotes.get(id) ?? []);
      await new Promise((resolve) => setImmediate(resolve));
      return { items };
    },
  };
  const signals = {
    on: (_: unknown, listener: (change: CatalogueChange) => void) => {
      product.changed = listener;
    },
  };
  // Only these two methods are used.
  recent = new RecentQuotes(peer as Peer<typeof productApi>, signals as unknown as Signals);
});
afterEach(() => vi.restoreAllMocks());

const priceOf = async (variantId: string): Promise<number | undefined> => (await recent.of([variantId])).get(variantId)?.price;

describe('quotes', () => {
  it('that are wanted in one turn are asked for together, each once', async () => {
    const [one, two, three] = [product.variant(), product.variant(), product.variant()];
    const [first, second] = await Promise.all([recent.of([one, two]), recent.of([two, three])]);
    expect(product.questions).toEqual([[one, two, three]]);
    expect([...first.keys(), ...second.keys()]).toEqual([one, two, two, three]);
  });

  it('are asked for by fifty', async () => {
    const all = Array.from({ length: 120 }, () => product.variant());
    expect((await recent.of(all)).size).toBe(120);
    expect(product.questions.map(({ length }) => length)).toEqual([50, 50, 20]);
  });

  it('are kept for a second from when they were asked for', async () => {
    const variant = product.variant({ price: 10_000 });
    const clock = vi.spyOn(performance, 'now');
    const began = 1_000_000;
    clock.mockReturnValue(began);
    await priceOf(variant);
    product.price(variant, 20_000);
    clock.mockReturnValue(began + 990);
    expect(await priceOf(variant)).toBe(10_000);
    clock.mockReturnValue(began + 1_010);
    await inTheEnd(async () => expect(await priceOf(variant)).toBe(20_000));
  });

  it('of a product that changes are asked for again, the others not', async () => {
    const [changed, other] = [product.variant({ price: 10_000 }), product.variant()];
    await recent.of([changed, other]);
    product.price(changed, 20_000);
    product.changed({ productIds: [product.productOf(changed)] });
    expect((await recent.of([changed, other])).get(changed)?.price).toBe(20_000);
    expect(product.questions.at(-1)).toEqual([changed]);
  });

  it('are all asked for again when the categories change', async () => {
    const all = [product.variant(), product.variant()];
    await recent.of(all);
    product.changed({ productIds: [] });
    await recent.of(all);
    expect(product.questions).toEqual([all, all]);
  });

  it('that were on their way while their product changed are not kept', async () => {
    const variant = product.variant({ price: 10_000 });
    const early = priceOf(variant);
    await inTheEnd(() => expect(product.questions).toHaveLength(1));
    product.price(variant, 20_000);
    product.changed({ productIds: [product.productOf(variant)] });
    await early;
    expect(await priceOf(variant)).toBe(20_000);
  });

  it('of a variant with fewer units than a line takes are asked for every time', async () => {
    const [scarce, plenty] = [product.variant({ available: 19 }), product.variant({ available: 20 })];
    await recent.of([scarce, plenty]);
    await recent.of([scarce, plenty]);
    expect(product.questions).toEqual([[scarce, plenty], [scarce]]);
  });

  it('of an unknown variant are missing, and asked for every time', async () => {
    const unknown = randomUUID();
    expect((await recent.of([unknown])).size).toBe(0);
    product.quotes.set(unknown, aQuote({ variantId: unknown, price: 10_000, available: 500 }));
    expect(await priceOf(unknown)).toBe(10_000);
  });

  it('that cannot be had fail for all who wait for them, and for nobody later', async () => {
    const variant = product.variant({ price: 10_000 });
    product.isDown = true;
    const outcomes = await Promise.allSettled([priceOf(variant), priceOf(variant)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    product.isDown = false;
    expect(await priceOf(variant)).toBe(10_000);
  });
});
