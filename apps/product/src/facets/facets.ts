import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { ProductFilter } from '#libs/contracts/product/listing';
import { Facets as FacetsOfList, type FacetValue } from '#libs/contracts/product/views';
import { writeOutput } from '#libs/contracts/shape';
import { valuesIn } from '../asked-values.ts';
import { CategoryPlaces } from '../category-places.ts';
import type { CategoryRow } from '../product.ts';
import type { FacetColumns } from './facet-columns.ts';
import type { FacetCount, FacetQuestion } from './facet-count.ts';
import { type Counted, FacetIndex } from './facet-index.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Sets of filters whose facets are kept, and for how long at most: as pages are. */
const KEPT = { max: 500, ttl: 15_000, ttlResolution: 500 };
const NO_PAGE = { limit: undefined, cursor: undefined, sort: undefined };
/** Values of one facet that are told: the most frequent ones. */
const MAX_VALUES = 300;

/** The facets of a list: for each value, how many products there would be with it chosen. */
@Injectable()
export class Facets {
  private readonly kept = new LRUCache<string, Promise<Counted>>(KEPT);

  constructor(
    private readonly index: FacetIndex,
    private readonly categories: CategoryPlaces,
  ) {}

  /** Of a set of filters once, whatever page and sort is asked for, as long as the cache's `generation` stands. */
  of(filter: ProductFilter, generation: string | undefined): Promise<Counted> {
    const filters = JSON.stringify(Object.entries({ ...filter, ...NO_PAGE }).sort());
    if (generation === undefined) return this.count(filter, undefined, { filters });
    const key = `${generation} ${filters}`;
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    const counted = this.count(filter, generation, { filters });
    this.kept.set(key, counted);
    counted.catch(() => this.kept.delete(key));
    return counted;
  }

  /** Only among these products, such as what a search has found. */
  countAmong(filter: ProductFilter, generation: string | undefined, ids: readonly string[]): Promise<Counted> {
    return this.count(filter, generation, { ids });
  }

  private async count(filter: ProductFilter, generation: string | undefined, { filters, ids }: Asked): Promise<Counted> {
    const [categoryIds, rows] = await Promise.all([
      filter.category === undefined ? undefined : this.categories.below(filter.category, generation),
      this.categories.all(generation),
    ]);
    return this.index.count(
      (columns) => questionOf(filter, categoryIds, columns, ids),
      (count, columns) => ({ total: count.total, facets: writeOutput(FacetsOfList, facetsOf(count, columns, rows)) }),
      filters === undefined ? undefined : `${filters} ${hash('sha1', JSON.stringify(rows))}`,
    );
  }
}

interface Asked {
  /** As text, for what may be answered again. */
  readonly filters?: string;
  readonly ids?: readonly string[];
}

function questionOf(
  { brand, size, color, minPrice, maxPrice, inStock, minRating }: ProductFilter,
  categoryIds: readonly string[] | undefined,
  columns: FacetColumns,
  ids: readonly string[] | undefined,
): FacetQuestion {
  const asked = (vocabulary: Vocabulary, text: string | undefined): Uint8Array | undefined =>
    text === undefined ? undefined : marked(vocabulary, valuesIn(text));
  return {
    categories: categoryIds && marked(columns.categories, categoryIds),
    brands: asked(columns.brands, brand),
    sizes: asked(columns.sizes, size),
    colors: asked(columns.colors, color),
    minPrice,
    maxPrice,
    inStock,
    // Hundredths, as ratings are kept; 4.4 * 100 is a little more than 440.
    minRating: Math.ceil((minRating ?? 0) * 100 - 1e-6),
    ...(ids && { among: Uint32Array.from(ids.flatMap((id) => columns.find(id) ?? [])) }),
  };
}

function marked(vocabulary: Vocabulary, texts: readonly string[]): Uint8Array {
  const marks = new Uint8Array(vocabulary.size);
  for (const text of texts) {
    const code = vocabulary.find(text);
    if (code !== undefined) marks[code] = 1;
  }
  return marks;
}

const facetsOf = (count: FacetCount, { sizes, colors, brands, categories }: FacetColumns, rows: readonly CategoryRow[]): FacetsOfList => ({
  sizes: valuesOf(count.sizes, sizes),
  colors: valuesOf(count.colors, colors),
  brands: valuesOf(count.brands, brands),
  categories: frequent(categoriesOf(count.categories, categories, rows)),
  price: count.highest === 0 ? { min: 0, max: 0 } : { min: count.lowest, max: count.highest },
});

function valuesOf(counts: Uint32Array, vocabulary: Vocabulary): FacetValue[] {
  const values: FacetValue[] = [];
  for (const [code, count] of counts.entries()) if (count > 0) values.push({ value: vocabulary.textOf(code), count });
  return frequent(values);
}

/** A category counts with all below it, as the filter takes it. */
function categoriesOf(counts: Uint32Array, vocabulary: Vocabulary, rows: readonly CategoryRow[]): FacetValue[] {
  const placed = new Map(rows.map((row) => [row.id, { row, count: 0 }]));
  for (const [code, count] of counts.entries()) {
    if (count === 0) continue;
    for (let at = placed.get(vocabulary.textOf(code)); at !== undefined; at = placed.get(at.row.parentId ?? '')) at.count += count;
  }
  return [...placed.values()].filter(({ count }) => count > 0).map(({ row, count }) => ({ value: row.id, label: row.name, count }));
}

const frequent = (values: FacetValue[]): FacetValue[] =>
  values.sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1)).slice(0, MAX_VALUES);
