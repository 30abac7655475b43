import { Injectable } from '@nestjs/common';
import type { ProductFilter } from '#libs/contracts/product/listing';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { plannedByValues, type Sql, sql, when } from '#libs/persistence/sql';
import { CategoryPlaces } from './category-places.ts';
import { type Counted, ListingCountsRepository } from './listing-counts.repository.ts';
import { filtersOf, type Matching } from './listing-filters.repository.ts';

const EXACT_UP_TO = 10_000;
/** What clients ask for that name no limit: its statements are planned once, for so many rows. */
const USUAL_LIMIT = 20;
const USUAL_END = sql`LIMIT 21`;

export interface Sort {
  readonly column: Sql;
  readonly byPrice: boolean;
  readonly descending: boolean;
  readonly cast: Sql;
}

/** Each with an index of its own in `products`, and one within a category; the id makes the order total. */
export const SORTS: Readonly<Record<string, Sort>> = {
  newest: { column: sql`p.created_at`, descending: true, cast: sql`::timestamptz`, byPrice: false },
  price_asc: { column: sql`p.price`, descending: false, cast: sql`::bigint`, byPrice: true },
  price_desc: { column: sql`p.price`, descending: true, cast: sql`::bigint`, byPrice: true },
  popular: { column: sql`p.units_sold`, descending: true, cast: sql`::bigint`, byPrice: false },
  rating: { column: sql`p.rating_average`, descending: true, cast: sql`::numeric`, byPrice: false },
};

/** The catalogue as lists show it; `lists.md` follows one request through it. */
@Injectable()
export class ListingRepository {
  /**
   * Matches up to which all are found and sorted, because a walk in the sort's order could pass over most of the catalogue on its way to
   * them. The planner cannot know: to it a size is spread evenly over categories and prices.
   */
  readonly sortUpTo = { nothing: 0, entries: 500, rows: 5_000 };

  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    private readonly categories: CategoryPlaces,
    private readonly counts: ListingCountsRepository,
  ) {}

  /** The page as JSON, in two statements, whatever its size. `generation`: of the cache, as the tree of categories is kept by it. @throws BadCursor */
  async page(filter: ProductFilter, generation?: string): Promise<string> {
    const { limit, cursor, sort: sortName, ...filters } = filter;
    const sort = SORTS[sortName] as Sort;
    const list = JSON.stringify([
      'products',
      sortName,
      Object.entries(filters)
        .filter(([, value]) => value !== undefined)
        .sort(),
    ]);
    const after = cursor === undefined ? undefined : this.cursors.decode(cursor, list);
    // Postgres has no text with NUL, so nothing is named so.
    if (Object.values(filters).some((value) => typeof value === 'string' && value.includes('\0'))) return pageText([], null, 0, true);
    const categoryIds = filter.category === undefined ? undefined : await this.categories.below(filter.category, generation);
    if (categoryIds?.length === 0) return pageText([], null, 0, true);
    const matching = filtersOf(filter);
    const counts = matching.isPlain
      ? await this.counts.of(filter, EXACT_UP_TO, categoryIds)
      : await this.database.rows<Counted>(plannedByValues(countOf(matching, categoryIds)));
    const total = counts.reduce((sum, { count }) => sum + count, 0);
    if (total === 0) return pageText([], null, 0, true);
    const page: PageOf = { sort, after, size: limit + 1, end: limit === USUAL_LIMIT ? USUAL_END : sql`LIMIT ${limit + 1}` };
    const passesOver = matching.passesOver === 'nothing' && matching.price !== undefined && !sort.byPrice ? 'entries' : matching.passesOver;
    // Categories without a match need no walk; how many there are is known unless the count was cut off.
    const walkIn = passesOver !== 'nothing' && total <= EXACT_UP_TO ? counts.map(({ id }) => id) : categoryIds;
    const keys = total <= this.sortUpTo[passesOver] ? sorted(matching, categoryIds, page) : walked(matching, walkIn, page);
    const statement = sql`
      SELECT cards.card, shown.id, shown.key FROM (${keys} ORDER BY key ${directionOf(sort)}, id ${directionOf(sort)} ${page.end}) AS shown
      JOIN product_cards cards ON cards.product_id = shown.id ORDER BY shown.key ${directionOf(sort)}, shown.id ${directionOf(sort)}`;
    // With another length the planner would not know how little is wanted.
    const isUsual = matching.isPlain && limit === USUAL_LIMIT;
    const rows = await this.database.rows<CardRow>(isUsual ? statement : plannedByValues(statement));
    const { items, nextCursor } = pageOf(rows, limit, ({ id, key }) => this.cursors.encode([keyText(key), id], list));
    return pageText(items, nextCursor, Math.min(total, EXACT_UP_TO), total <= EXACT_UP_TO);
  }
}

interface CardRow {
  /** JSON. */
  readonly card: string;
  readonly id: string;
  readonly key: Date | number | string;
}

export const keyText = (key: CardRow['key']): string | number => (key instanceof Date ? key.toISOString() : key);

/** The page as it leaves: cards are put together as they are kept. */
const pageText = (cards: readonly Pick<CardRow, 'card'>[], nextCursor: string | null, total: number, totalIsExact: boolean): string =>
  `{"items":[${cards.map(({ card }) => card).join(',')}],"nextCursor":${JSON.stringify(nextCursor)},"total":${total},"totalIsExact":${totalIsExact}}`;

interface PageOf {
  readonly sort: Sort;
  readonly after: readonly unknown[] | undefined;
  readonly size: number;
  readonly end: Sql;
}

export const directionOf = ({ descending }: Sort): Sql => (descending ? sql`DESC` : sql`ASC`);

const inCategories = (ids: readonly string[] | undefined): Sql =>
  when(ids !== undefined, () => sql`AND p.category_id = ANY(${ids}::uuid[])`);

/** For the few that another index finds; not to be looked up by category first. */
const amongCategories = (ids: readonly string[] | undefined): Sql =>
  when(ids !== undefined, () => sql`AND array_position(${ids}::uuid[], p.category_id) IS NOT NULL`);

const beyond = ({ sort, after }: PageOf): Sql =>
  when(
    after !== undefined,
    () => sql`AND (${sort.column}, p.id) ${sort.descending ? sql`<` : sql`>`} (${after?.[0]}${sort.cast}, ${after?.[1]}::uuid)`,
  );

/** All matches, whichever index finds them; each part of the price range is looked for by itself. */
function all({ conditions, prices }: Matching, categoryIds: readonly string[] | undefined, columns: Sql, further: Sql): Sql {
  const part = (category: Sql, price: Sql): Sql =>
    sql`SELECT ${columns} FROM products p WHERE p.listed ${category} ${price} ${conditions} ${further}`;
  const within = part(inCategories(categoryIds), prices.within);
  const { reaching } = prices;
  return reaching === undefined ? within : sql`${within} UNION ALL ${part(amongCategories(categoryIds), reaching)}`;
}

const countOf = (matching: Matching, categoryIds: readonly string[] | undefined): Sql => sql`
  SELECT category_id AS id, count(*) AS count
  FROM (${all(matching, categoryIds, sql`p.category_id`, sql``)} LIMIT ${EXACT_UP_TO + 1}) AS matching_products GROUP BY category_id`;

/** Finds them all first. The fence keeps the planner from walking in the sort's order after all. */
const sorted = (matching: Matching, categoryIds: readonly string[] | undefined, page: PageOf): Sql => sql`
  SELECT id, key FROM (
    ${all(matching, categoryIds, sql`p.id, ${page.sort.column} AS key`, beyond(page))} OFFSET 0) AS matching_products`;

/** The first of each category in the sort's order, by its index; of the whole catalogue where no category is named. */
function walked(matching: Matching, categoryIds: readonly string[] | undefined, page: PageOf): Sql {
  const { sort, end } = page;
  const { conditions, price, prices } = matching;
  const first = (category: Sql, prices: Sql): Sql => sql`
    SELECT p.id, ${sort.column} AS key FROM products p WHERE p.listed ${category} ${prices} ${conditions} ${beyond(page)}
    ORDER BY ${sort.column} ${directionOf(sort)}, p.id ${directionOf(sort)} ${end}`;
  const walk = (prices: Sql): Sql =>
    categoryIds === undefined
      ? sql`SELECT id, key FROM (${first(sql``, prices)}) AS firsts`
      : sql`
        SELECT firsts.id, firsts.key FROM unnest(${categoryIds}::uuid[]) AS category (id)
        CROSS JOIN LATERAL (${first(sql`AND p.category_id = category.id`, prices)}) AS firsts`;
  if (!sort.byPrice) return walk(price ?? sql``);
  if (prices.reaching === undefined) return walk(prices.within);
  return sql`
    SELECT id, key FROM (
      ${walk(prices.within)} UNION ALL (${first(amongCategories(categoryIds), prices.reaching)})) AS parts`;
}
