import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SearchIndex } from '../src/search/search-index.ts';

export interface SearchedProduct {
  readonly name: string;
  readonly brand?: string;
  readonly description?: string;
  readonly colors?: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
}

/** An engine with a shop around it. */
export interface SearchIndexUnderTest {
  readonly index: SearchIndex;
  /** Answers the id of the new product, when it can be found. */
  add(product: SearchedProduct): Promise<string>;
  rename(id: string, name: string): Promise<void>;
  withdraw(id: string): Promise<void>;
  addCategory(name: string): Promise<string>;
  addSynonyms(words: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** What every engine behind `SearchIndex` must do. */
export function searchIndexSuite(name: string, open: () => Promise<SearchIndexUnderTest>): void {
  describe(`the search index on ${name}`, () => {
    let shop: SearchIndexUnderTest;
    beforeAll(async () => {
      shop = await open();
    });
    afterAll(() => shop?.close());

    const found = async (query: string): Promise<string[]> => (await shop.index.find(query)).products.ids();

    it('finds products that have all words, wherever they stand', async () => {
      const both = await shop.add({ name: 'Zintara Cape', colors: ['Ochre'], brand: 'Velora', attributes: { fabric: 'Mirakut' } });
      const one = await shop.add({ name: 'Zintara Belt', colors: ['Teal'] });
      expect(new Set(await found('zintara'))).toEqual(new Set([both, one]));
      for (const query of ['zintara ochre', 'ochre cape zintara', 'velora zintara', 'mirakut zintara'])
        expect(await found(query), query).toEqual([both]);
      expect(await found('velora teal')).toEqual([]);
    });

    it('shows names before attributes, and both before descriptions', async () => {
      const attribute = await shop.add({ name: 'Plain Stole', attributes: { work: 'Quorbela' } });
      const named = await shop.add({ name: 'Quorbela Stole' });
      await shop.add({ name: 'Other Stole', description: 'Not unlike a quorbela.' });
      expect((await found('quorbela')).slice(0, 2)).toEqual([named, attribute]);
    });

    it('orders by score and id from the highest, so that a page can begin behind any product', async () => {
      for (let index = 0; index < 25; index += 1) await shop.add({ name: `Manyfold Scarf ${index % 3 === 0 ? 'manyfold' : ''}` });
      const { products } = await shop.index.find('manyfold');
      expect(products.count).toBe(25);
      const entries = Array.from({ length: products.count }, (_, place) => ({ id: products.id(place), score: products.score(place) }));
      expect(entries).toEqual(entries.toSorted((one, other) => other.score - one.score || (one.id < other.id ? 1 : -1)));
      for (const [place, { id, score }] of entries.entries()) expect(products.placeAfter(score, id)).toBe(place + 1);
      expect(products.placeAfter(Number.MAX_SAFE_INTEGER, '')).toBe(0);
    });

    it('takes typing errors, Hindi and synonyms for what they mean, and says what it took for an error', async () => {
      const id = await shop.add({ name: 'Hulmavar Saree', colors: ['Red'] });
      for (const query of ['hulmavar sari', 'hulmavra saree', 'hulmvar', 'hulmavar साड़ी', 'lal hulmavar'])
        expect(await found(query), query).toContain(id);
      expect((await shop.index.find('hulmavra')).correctedTo).toBe('hulmavar');
      expect((await shop.index.find('hulmavar')).correctedTo).toBeNull();
      expect(await found('brelt')).not.toContain(id);
      await shop.addSynonyms(['brelt', 'hulmavar']);
      expect(await found('brelt')).toEqual([id]);
    });

    it('knows of every change with the next question', async () => {
      const id = await shop.add({ name: 'Ferngrove Coat' });
      expect(await found('ferngrove')).toEqual([id]);
      await shop.rename(id, 'Oakwhistle Coat');
      expect(await found('ferngrove')).toEqual([]);
      expect(await found('oakwhistle')).toEqual([id]);
      await shop.withdraw(id);
      expect(await found('oakwhistle')).toEqual([]);
    });

    it('has something near for what nothing fits', async () => {
      const id = await shop.add({ name: 'Tarvella Bag' });
      expect(await found('tarvella qqqzzzxxx')).toEqual([]);
      expect((await shop.index.nearest('tarvella qqqzzzxxx', 3))[0]).toBe(id);
      expect((await shop.index.nearest('qqqzzzxxx', 3)).length).toBeGreaterThan(0);
      expect((await shop.index.nearest('tarvella', 1)).length).toBe(1);
    });

    it('suggests words, categories, brands and products for what is begun, and never more than was asked for', async () => {
      const categoryId = await shop.addCategory('Krimson mantles');
      const id = await shop.add({ name: 'Krimsonia Mantle', brand: 'Krimm' });
      const suggestions = await shop.index.suggest('krim', 10);
      expect(suggestions).toContainEqual({ text: 'krimsonia', kind: 'query' });
      expect(suggestions).toContainEqual({ text: 'Krimm', kind: 'brand' });
      expect(suggestions).toContainEqual({ text: 'Krimsonia Mantle', kind: 'product', id });
      expect(suggestions.some((one) => one.kind === 'category' && one.id === categoryId)).toBe(false);
      expect(await shop.index.suggest('krim', 2)).toHaveLength(2);
    });

    it('takes any text for a question', async () => {
      for (const query of ['', ' ', "'", '\\', '& | !', '((', ':*', "a'b", '%', '日本', '🥻', 'x'.repeat(200), 'and the of']) {
        expect((await shop.index.find(query)).products.count, query).toBeGreaterThanOrEqual(0);
        expect(Array.isArray(await shop.index.suggest(query, 5)), query).toBe(true);
        expect(Array.isArray(await shop.index.nearest(query, 5)), query).toBe(true);
      }
    });
  });
}
