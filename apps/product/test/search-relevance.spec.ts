import { afterAll, beforeAll, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { generateCatalogue } from '../demo/catalogue.ts';
import { seed } from '../demo/product.seed.ts';
import { mean, relevanceOf } from '../demo/relevance.ts';
import { labelledQueries } from '../demo/search-queries.ts';
import { SearchIndex } from '../src/search/search-index.ts';
import { SearchWordCountRepository } from '../src/search/search-word-count.repository.ts';
import { ProductFixture } from './product-fixture.ts';

const PRODUCTS = 1_000;
const catalogue = [...generateCatalogue({ products: PRODUCTS })];

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
  await seed(fixture.replica.database, {}, { products: PRODUCTS, say: () => undefined });
  await fixture.replica.database.execute(sql`UPDATE search_state SET counted_at = NULL`);
  await fixture.replica.app.get(SearchWordCountRepository).count();
}, 120_000);
afterAll(() => fixture?.stop());

it('what people type in India finds what they mean, and shows it first', async () => {
  expect(labelledQueries.length).toBeGreaterThanOrEqual(300);
  const rows = await fixture.replica.database.rows<{ id: string; slug: string }>(sql`SELECT id, slug FROM products`);
  const slugs = new Map(rows.map(({ id, slug }) => [id, slug]));
  const judged: { query: string; recall: number; ndcg: number }[] = [];
  for (const labelled of labelledQueries) {
    const { products } = await fixture.replica.app.get(SearchIndex).find(labelled.query);
    const relevance = relevanceOf(
      labelled,
      products.ids().map((id) => slugs.get(id) ?? ''),
      catalogue,
    );
    if (relevance !== undefined) judged.push({ query: labelled.query, ...relevance });
  }
  const worst = judged.toSorted((one, other) => one.recall + one.ndcg - other.recall - other.ndcg).slice(0, 15);
  const said = JSON.stringify(worst);
  expect(judged.length, 'queries that this catalogue can answer').toBeGreaterThanOrEqual(300);
  expect(mean(judged.map(({ recall }) => recall)), said).toBeGreaterThanOrEqual(0.95);
  expect(mean(judged.map(({ ndcg }) => ndcg)), said).toBeGreaterThanOrEqual(0.9);
}, 120_000);
