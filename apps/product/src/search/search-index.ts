import type { Suggestion } from '#libs/contracts/product/search';
import type { FoundProducts } from './found-products.ts';

export interface Found {
  readonly products: FoundProducts;
  /** What was looked for instead of the query; null where it was looked for as it stands. */
  readonly correctedTo: string | null;
  /** The words of the query that say something, as the catalogue has them. */
  readonly asWords: readonly string[];
}

/**
 * What finds products by words. Lists, filters, facets and cards are not its matter: it answers ids, and its callers do the rest. Behind it is
 * PostgreSQL; another engine takes its place by passing `test/search-index.suite.ts`.
 */
export abstract class SearchIndex {
  /** All listed products that fit. What is committed before the question is in the answer. */
  abstract find(query: string): Promise<Found>;

  /** For a query that nothing fits: ids of products that have most of its words, best first. */
  abstract nearest(query: string, count: number): Promise<readonly string[]>;

  /** For a query that is being typed, best first. */
  abstract suggest(begun: string, count: number): Promise<readonly Suggestion[]>;
}
