import { Injectable } from '@nestjs/common';
import type { SearchProducts } from '#libs/contracts/product/search';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { plannedByValues, type Sql, sql, when } from '#libs/persistence/sql';
import { CategoryPlaces } from '../category-places.ts';
import { directionOf, keyText, SORTS } from '../listing.repository.ts';
import { filtersOf } from '../listing-filters.repository.ts';
import type { FoundProducts } from './found-products.ts';

export interface CardsOfPage {
  /** JSON. */
  readonly cards: readonly string[];
  readonly nextCursor: string | null;
}

interface Row {
  readonly card: string;
  readonly id: string;
  readonly key: Date | number | string;
}

/** Pages of what a search has found. */
@Injectable()
export class SearchPageRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    private readonly categories: CategoryPlaces,
  ) {}

  /** `generation`: of the cache, as the tree of categories is kept by it. @throws BadCursor */
  async page(asked: SearchProducts, found: FoundProducts, generation: string | undefined): Promise<CardsOfPage> {
    const { limit, cursor, ...list } = asked;
    const name = JSON.stringify([
      'search',
      Object.entries(list)
        .filter(([, value]) => value !== undefined)
        .sort(),
    ]);
    const after = cursor === undefined ? undefined : this.cursors.decode(cursor, name);
    const { q: _, sort, ...filters } = list;
    const isFiltered = Object.values(filters).some((value) => value !== undefined);
    const rows =
      sort === 'relevance' && !isFiltered ? await this.cut(found, limit + 1, after) : await this.filtered(asked, found, after, generation);
    const { items, nextCursor } = pageOf(rows, limit, ({ id, key }) => this.cursors.encode([keyText(key), id], name));
    return { cards: items.map(({ card }) => card), nextCursor };
  }

  /** In this order; those that are gone meanwhile are missing. */
  async cards(ids: readonly string[]): Promise<{ id: string; card: string }[]> {
    if (ids.length === 0) return [];
    return this.database.rows<{ id: string; card: string }>(sql`
      SELECT cards.product_id AS id, cards.card FROM unnest(${ids}::uuid[]) WITH ORDINALITY AS shown (id, place)
      JOIN product_cards cards ON cards.product_id = shown.id ORDER BY shown.place`);
  }

  private async cut(found: FoundProducts, size: number, after: readonly unknown[] | undefined): Promise<Row[]> {
    const from = after === undefined ? 0 : found.placeAfter(Number(after[0]), String(after[1]));
    const places = Array.from({ length: Math.max(0, Math.min(size, found.count - from)) }, (_, index) => from + index);
    const scores = new Map(places.map((place) => [found.id(place), found.score(place)]));
    const cards = await this.cards([...scores.keys()]);
    return cards.map(({ id, card }) => ({ id, card, key: scores.get(id) ?? 0 }));
  }

  private async filtered(
    asked: SearchProducts,
    found: FoundProducts,
    after: readonly unknown[] | undefined,
    generation: string | undefined,
  ): Promise<Row[]> {
    const categoryIds = asked.category === undefined ? undefined : await this.categories.below(asked.category, generation);
    if (categoryIds?.length === 0 || found.count === 0) return [];
    const { conditions, price } = filtersOf(asked);
    const sort = SORTS[asked.sort] ?? { column: sql`found.score`, cast: sql`::integer`, descending: true, byPrice: false };
    const direction = directionOf(sort);
    const beyond = when(
      after !== undefined,
      () => sql`AND (${sort.column}, p.id) ${sort.descending ? sql`<` : sql`>`} (${after?.[0]}${sort.cast}, ${after?.[1]}::uuid)`,
    );
    const category: Sql = when(categoryIds !== undefined, () => sql`AND p.category_id = ANY(${categoryIds}::uuid[])`);
    return this.database.rows<Row>(
      plannedByValues(sql`
        SELECT cards.card, shown.id, shown.key FROM (
          SELECT p.id, ${sort.column} AS key FROM unnest(${found.ids()}::uuid[], ${found.scores()}::integer[]) AS found (id, score)
          JOIN products p ON p.id = found.id
          WHERE p.listed ${category} ${price ?? sql``} ${conditions} ${beyond}
          ORDER BY key ${direction}, p.id ${direction} LIMIT ${asked.limit + 1}) AS shown
        JOIN product_cards cards ON cards.product_id = shown.id ORDER BY shown.key ${direction}, shown.id ${direction}`),
    );
  }
}
