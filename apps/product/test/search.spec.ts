import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NewCategory } from '#libs/contracts/product/categories';
import { ListSynonyms, SearchPage, SearchProducts, type SuggestionList } from '#libs/contracts/product/search';
import { readInput } from '#libs/contracts/shape';
import { sql } from '#libs/persistence/sql';
import { eventually } from '#libs/testing/builders';
import { PastQueries } from '../src/search/past-queries.ts';
import { SearchHandlers } from '../src/search/search.handlers.ts';
import { SearchWordCountRepository } from '../src/search/search-word-count.repository.ts';
import { SynonymsHandlers } from '../src/search/synonyms.handlers.ts';
import { adminCall, ProductFixture, type Replica, read } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const call = adminCall();
const search = async (q: string, asked: Partial<SearchProducts> = {}, replica: Replica = fixture.replica): Promise<SearchPage> =>
  read(SearchPage, await replica.app.get(SearchHandlers).search(readInput(SearchProducts, { q, limit: 100, ...asked })));
const idsOf = ({ items }: { items: readonly { id: string }[] }): string[] => items.map(({ id }) => id);
const found = async (q: string, asked: Partial<SearchProducts> = {}): Promise<string[]> => idsOf(await search(q, asked));
const suggest = (q: string): Promise<SuggestionList> => fixture.replica.app.get(SearchHandlers).suggest({ q });
const named = async (name: string, color = 'Indigo', more: Partial<Parameters<ProductFixture['product']>[1]> = {}): Promise<string> =>
  (await fixture.product([{ color, size: 'M', onHand: 1 }], { name, ...more })).id;

describe('search', () => {
  it('finds what is meant by Hindi, Hinglish, other names and other spellings', async () => {
    const saree = await named('Temple Border Saree', 'Sindoor red');
    const dress = await named('Tiered Dress', 'Red');
    const jutti = await named('Embroidered Juttis', 'Rani pink');
    const kurta = await named('Straight Kurta', 'Sindoor red');
    const tee = await named('Pocket T-Shirt', 'Wine');
    const meant: [string, readonly string[]][] = [
      [saree, ['saree', 'sari', 'sarees', 'saris', 'साड़ी', 'lal sari', 'लाल साड़ी', 'red saree']],
      [dress, ['lal dress', 'laal dress', 'red dress', 'dresses', 'लाल ड्रेस']],
      [jutti, ['jutti', 'juti', 'jooti', 'mojari', 'mojris', 'जूती', 'gulabi jutti', 'pink mojari']],
      [kurta, ['kurta', 'kurtha', 'kurtaa', 'kurtha lal', 'lal kurta', 'कुर्ता', 'KURTA', 'kurt']],
      [tee, ['t-shirt', 'tshirt', 't shirt', 'tee', 'टीशर्ट']],
    ];
    for (const [id, queries] of meant) for (const query of queries) expect(await found(query), query).toContain(id);
    expect(await found('shirt')).not.toContain(tee);
    expect(await found('lal sari')).not.toContain(dress);
    expect(await found('gulabi dress')).not.toContain(jutti);
  });

  it('takes one slip of a finger in a word, wherever it is', async () => {
    const id = await named('Zarqavia Blouse');
    const word = 'zarqavia';
    for (let at = 0; at < word.length; at += 1) {
      const slips = [
        word.slice(0, at) + word.slice(at + 1),
        word.slice(0, at) + word[at] + word.slice(at),
        `${word.slice(0, at)}k${word.slice(at + 1)}`,
        word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2),
      ];
      for (const slip of slips) expect(await found(slip), slip).toContain(id);
    }
    expect(await search('zarqvaia blouse')).toMatchObject({ correctedTo: 'zarqavia blouse', total: 1 });
    expect(await search('zarqavia blouse')).toMatchObject({ correctedTo: null, total: 1 });
    // A word of names is meant rather than one of descriptions, though that sounds the same.
    await named('Yoke', 'Indigo', { description: 'Zarkawia is what it is called where it is worn, and zarqavio.' });
    expect(await search('zarqawia blouse')).toMatchObject({ correctedTo: 'zarqavia blouse', total: 1 });
  });

  it('says what comes nearest where nothing fits', async () => {
    const umbrella = await named('Quenella Umbrella', 'Teal');
    const none = await search('quenella xyzzyqwert');
    expect(none).toMatchObject({ items: [], total: 0, totalIsExact: true, nextCursor: null });
    expect(none.facets.brands).toEqual([]);
    expect(idsOf({ items: none.nearest })).toEqual([umbrella]);
    expect((await search('xyzzyqwert plughfoo')).nearest.length).toBeGreaterThan(0);
    expect((await search('!!! ...')).items).toEqual([]);
    expect((await search('quenella')).nearest).toEqual([]);
  });

  it('looks into descriptions where nothing else fits', async () => {
    const described = await named('Plain Cape', 'Indigo', { description: 'Goes well with a wobbelix.' });
    expect(await found('wobbelix')).toEqual([described]);
    const fact = await named('Wobbelix Cape');
    expect(await found('wobbelix')).toEqual([fact]);
  });

  it('finds products by the names of their categories, also after a category is renamed', async () => {
    const parent = await fixture.replica.categories.createCategory(Object.assign(new NewCategory(), { name: 'Winterwear' }), call);
    const leaf = await fixture.replica.categories.createCategory(
      Object.assign(new NewCategory(), { name: 'Ponchos', parentId: parent.id }),
      call,
    );
    const id = await named('Handmade Piece', 'Indigo', { categoryId: leaf.id });
    expect(await found('poncho')).toEqual([id]);
    expect(await found('winterwear')).toEqual([id]);
    await fixture.replica.categories.editCategory({ id: leaf.id, name: 'Shrugs' }, call);
    expect(await found('shrug')).toEqual([id]);
    expect(await found('poncho')).toEqual([]);
  });

  it('shows every edit in the next search, on each replica', async () => {
    const other = await fixture.another();
    const there = async (q: string): Promise<string[]> => idsOf(await search(q, {}, other));
    expect(await there('glimmerock')).toEqual([]);
    const made = await fixture.product([{ color: 'Mauve', size: 'M' }], { name: 'Glimmerock Shawl' });
    expect(await there('glimmerock')).toEqual([made.id]);
    await fixture.replica.admin.edit({ id: made.id, name: 'Snowdrift Shawl' }, call);
    expect(await there('glimmerock')).toEqual([]);
    expect(await there('snowdrift')).toEqual([made.id]);
    await fixture.replica.admin.editVariant({ id: made.id, variantId: made.variants[0]?.id as string, color: 'Cerise' }, call);
    expect(await there('snowdrift cerise')).toEqual([made.id]);
    expect(await there('snowdrift mauve')).toEqual([]);
    await fixture.replica.admin.remove({ id: made.id }, call);
    expect(await there('snowdrift')).toEqual([]);
  });

  it('narrows by the filters of the list, counts its facets, and sorts as it does', async () => {
    const cheap = await fixture.product([{ size: 'M', color: 'Red', price: 10_000, mrp: 10_000, onHand: 1 }], {
      name: 'Fandango Skirt',
      brand: 'Ena',
    });
    const dear = await fixture.product(
      [
        { size: 'M', color: 'Blue', price: 30_000, mrp: 30_000, onHand: 1 },
        { size: 'L', color: 'Red', price: 20_000, mrp: 30_000 },
      ],
      { name: 'Fandango Top', brand: 'Dui' },
    );
    await fixture.product([{ size: 'M', color: 'Red', price: 10_000, mrp: 10_000 }], { name: 'Tango Skirt', brand: 'Ena' });
    expect(await found('fandango', { size: 'M', color: 'red' })).toEqual([cheap.id]);
    expect(await found('fandango', { color: 'red', maxPrice: 20_000, sort: 'price_asc' })).toEqual([cheap.id, dear.id]);
    expect(await found('fandango', { sort: 'price_desc' })).toEqual([dear.id, cheap.id]);
    expect(await found('fandango', { brand: 'Ena,Dui', sort: 'newest' })).toEqual([dear.id, cheap.id]);
    expect(await found('fandango', { inStock: false })).toEqual([]);
    const page = await search('fandango', { brand: 'ena' });
    expect(page).toMatchObject({ total: 1, totalIsExact: true });
    expect(page.facets.brands).toEqual([
      { value: 'Dui', count: 1 },
      { value: 'Ena', count: 1 },
    ]);
    expect(page.facets.sizes).toEqual([{ value: 'M', count: 1 }]);
    expect(page.facets.price).toEqual({ min: 10_000, max: 10_000 });
  });

  it.each(['relevance', 'newest', 'price_asc', 'price_desc', 'popular', 'rating'])(
    'neither skips nor repeats a product from page to page while others are added, by %s',
    async (sort) => {
      const word = `pagewise${sort.replace('_', '')}`;
      const make = (index: number): Promise<{ id: string }> =>
        fixture.product([{ size: 'M', color: 'Red', price: 10_000 + (index % 3) * 100, mrp: 20_000 }], {
          name: `${word} ${index % 2 ? 'Scarf' : word}`,
        });
      const expected: string[] = [];
      for (let index = 0; index < 7; index += 1) expected.push((await make(index)).id);
      const seen: string[] = [];
      let cursor: string | null | undefined;
      do {
        const page: SearchPage = await search(word, { sort, limit: 2, ...(cursor ? { cursor } : {}) });
        seen.push(...idsOf(page));
        cursor = page.nextCursor;
        await make(seen.length);
      } while (cursor !== null);
      expect(new Set(seen).size).toBe(seen.length);
      expect(expected.filter((id) => !seen.includes(id))).toEqual([]);
    },
  );

  it('takes a cursor for its own query, filters and sort alone', async () => {
    await named('Corsairia One');
    await named('Corsairia Two');
    const { nextCursor: cursor } = await search('corsairia', { limit: 1 });
    await expect(search('corsairias', { limit: 1, cursor: cursor as string })).rejects.toThrow();
    await expect(search('corsairia', { limit: 1, sort: 'newest', cursor: cursor as string })).rejects.toThrow();
    await expect(search('corsairia', { limit: 1, cursor: `${cursor}x` })).rejects.toThrow();
    expect(await found('corsairia', { limit: 1, cursor: cursor as string })).toHaveLength(1);
  });

  it('reads any text that a client may send', async () => {
    for (const query of [
      "'",
      "o'neill & sons | !:*",
      '\\',
      '<->',
      ':A',
      'a\u0000b',
      '\ud800 kurta',
      '🥻 साड़ी',
      '日本',
      'a'.repeat(200),
      '((((',
      '% _',
      'the and for',
    ])
      expect((await search(query)).total, query).toBeGreaterThanOrEqual(0);
  });
});

describe('synonyms', () => {
  const synonyms = (replica = fixture.replica): SynonymsHandlers => replica.app.get(SynonymsHandlers);

  it('count from the commit of their change, on every replica', async () => {
    const other = await fixture.another();
    const there = async (q: string): Promise<string[]> => idsOf(await search(q, {}, other));
    const id = await named('Farshi Trousers');
    expect(await there('zibbeldok')).toEqual([]);
    const made = await synonyms().addSynonyms({ words: [' zibbeldok ', 'farshi', 'Farshi'] }, call);
    expect(made).toMatchObject({ words: ['zibbeldok', 'Farshi'], finds: null, version: 1 });
    expect(await there('zibbeldok')).toEqual([id]);
    await synonyms().editSynonyms({ id: made.id, words: ['plomster'], finds: ['farshi trousers'], version: 1 }, call);
    expect(await there('zibbeldok')).toEqual([]);
    expect(await there('plomster')).toEqual([id]);
    await synonyms().removeSynonyms({ id: made.id }, call);
    expect(await there('plomster')).toEqual([]);
  });

  it('are not changed by somebody who has read an older version', async () => {
    const { id } = await synonyms().addSynonyms({ words: ['one thing', 'other thing'] }, call);
    await synonyms().editSynonyms({ id, words: ['one thing', 'third thing'], version: 1 }, call);
    await expect(synonyms().editSynonyms({ id, words: ['a thing', 'b thing'], version: 1 }, call)).rejects.toMatchObject({
      code: 'product.synonyms_changed',
    });
  });

  it('need words that can be searched for, and two of them', async () => {
    for (const words of [[], ['one'], ['one', 'ONE'], ['one', '...'], ['one', 'a b c d']])
      await expect(synonyms().addSynonyms({ words }, call), words.join()).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(synonyms().editSynonyms({ id: call.requestId.padEnd(36, '0'), words: ['a', 'b'] }, call)).rejects.toThrow();
  });

  it('are listed page by page, and by a part of a word', async () => {
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await synonyms().synonyms(Object.assign(new ListSynonyms(), { limit: 25, ...(cursor ? { cursor } : {}) }));
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    const rows = await fixture.replica.database.rows<{ id: string }>(sql`SELECT id FROM search_synonyms ORDER BY id DESC`);
    expect(seen).toEqual(rows.map(({ id }) => id));
    const { items } = await synonyms().synonyms(Object.assign(new ListSynonyms(), { q: 'MOJAR' }));
    expect(items.map(({ words }) => words)).toEqual([expect.arrayContaining(['jutti', 'mojari'])]);
  });
});

describe('the hourly count of words', () => {
  it('keeps no edit of a category waiting', async () => {
    await named('Countessa Gown', 'Red');
    const { database, app, categories } = fixture.replica;
    await database.execute(sql`UPDATE search_state SET counted_at = NULL`);
    await database.execute(sql`UPDATE search_terms SET products = 99 WHERE word = 'countessa'`);
    let counting: Promise<boolean> | undefined;
    await database.transaction(async (tx) => {
      await tx.execute(sql`SELECT 1 FROM search_terms WHERE word = 'countessa' FOR UPDATE`);
      counting = app.get(SearchWordCountRepository).count();
      await eventually(
        async () =>
          (await database.row(sql`
            SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%search_terms%'`)) !==
          undefined,
      );
      await categories.createCategory(Object.assign(new NewCategory(), { name: 'Countless gowns' }), call);
    });
    expect(await counting).toBe(true);
    expect(await database.row(sql`SELECT products FROM search_terms WHERE word = 'countessa'`)).toEqual({ products: 1 });
    expect(await app.get(SearchWordCountRepository).count()).toBe(false);
  });
});

describe('suggestions', () => {
  it('are words, categories, brands and products that begin so', async () => {
    const category = await fixture.replica.categories.createCategory(Object.assign(new NewCategory(), { name: 'Vantablue coats' }), call);
    const id = await named('Vantablue Coat', 'Black', { categoryId: category.id, brand: 'Vantage' });
    const { items } = await suggest('vanta');
    expect(items).toContainEqual({ text: 'vantablue', kind: 'query' });
    expect(items).toContainEqual({ text: 'Vantablue coats', kind: 'category', id: category.id });
    expect(items).toContainEqual({ text: 'Vantage', kind: 'brand' });
    expect(items).toContainEqual({ text: 'Vantablue Coat', kind: 'product', id });
    expect((await suggest('black vanta')).items).toContainEqual({ text: 'Vantablue Coat', kind: 'product', id });
    expect((await suggest('vantableu')).items).toContainEqual({ text: 'vantablue', kind: 'query' });
    expect((await suggest('...')).items).toEqual([]);
  });

  it('leave out words and past queries of products that are drafts or withdrawn', async () => {
    const ids = [await named('Quondamwear Cape', 'Red'), await named('Quondamwest Cape', 'Red')] as const;
    const past = fixture.replica.app.get(PastQueries);
    for (let time = 0; time < 2; time += 1) {
      for (const query of ['quondamwear cape', 'quondamwest cape']) await search(query, { limit: 40 + time });
      await past.flush();
    }
    const texts = async (): Promise<string[]> => (await suggest('quondam')).items.map(({ text }) => text.toLowerCase());
    for (const text of ['quondamwear', 'quondamwest', 'quondamwear cape', 'quondamwest cape']) expect(await texts()).toContain(text);
    await fixture.replica.admin.edit({ id: ids[0], published: false }, call);
    await fixture.replica.admin.remove({ id: ids[1] }, call);
    expect(await texts()).toEqual([]);
  });

  it('remember what was searched for, in words of the catalogue alone', async () => {
    await named('Mirasol Shawl', 'Red');
    const past = fixture.replica.app.get(PastQueries);
    for (let time = 0; time < 2; time += 1) {
      for (const query of ['mirasol shawl', 'mirasol 9845012345', 'mirasol somebody@example.com', 'mirasil shawl'])
        await search(query, { limit: 50 + time });
      await past.flush();
    }
    expect((await suggest('mirasol')).items).toContainEqual({ text: 'mirasol shawl', kind: 'query' });
    const kept = await fixture.replica.database.rows<{ query: string }>(sql`SELECT query FROM search_queries WHERE query LIKE 'miras%'`);
    expect(kept.map(({ query }) => query)).toEqual(['mirasol shawl']);
  });
});
