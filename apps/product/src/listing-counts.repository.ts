import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { type Sql, sql, when } from '#libs/persistence/sql';

/** Paise that a step of `listed_counts` is wide, as its triggers count. */
const STEP = 20_000;
/** Beyond any price. */
const END = Number.MAX_SAFE_INTEGER;

/** Matches of one category. */
export interface Counted {
  readonly id: string;
  readonly count: number;
}

/** Paise; not both. */
interface OpenRange {
  readonly minPrice?: number;
  readonly maxPrice?: number;
}

/**
 * How many products are listed, by category, in a price range that is open on one side: the sum of the whole steps, which triggers keep in
 * `listed_counts`, and the products in the step through which the bound cuts. So a wide range costs what a narrow one does.
 */
@Injectable()
export class ListingCountsRepository {
  constructor(private readonly database: Database) {}

  /** Where whole steps alone are more than `enough`, the rest is left out. */
  of({ minPrice, maxPrice }: OpenRange, enough: number, categoryIds: readonly string[] | undefined): Promise<Counted[]> {
    if (minPrice !== undefined) return this.from(minPrice, enough, categoryIds);
    return maxPrice === undefined ? this.all(categoryIds) : this.upTo(maxPrice, enough, categoryIds);
  }

  private all(categoryIds: readonly string[] | undefined): Promise<Counted[]> {
    return this.database.rows<Counted>(sql`
      SELECT category_id AS id, sum(cheapest) AS count FROM listed_counts
      WHERE true ${within(categoryIds)} GROUP BY category_id HAVING sum(cheapest) > 0`);
  }

  /** A live variant costs so much or more: the dearest does. */
  private from(minPrice: number, enough: number, categoryIds: readonly string[] | undefined): Promise<Counted[]> {
    const first = Math.ceil(minPrice / STEP);
    return this.database.rows<Counted>(
      withRest(
        sql`SELECT category_id, sum(dearest) AS count FROM listed_counts WHERE step >= ${first}::bigint ${within(categoryIds)} GROUP BY category_id`,
        sql`highest_price >= ${minPrice}::bigint AND highest_price < ${first * STEP}::bigint ${within(categoryIds)}`,
        enough,
      ),
    );
  }

  /** A live variant costs so much or less: the cheapest does. */
  private upTo(maxPrice: number, enough: number, categoryIds: readonly string[] | undefined): Promise<Counted[]> {
    const end = Math.floor(Math.min(maxPrice, END - 1) / STEP);
    return this.database.rows<Counted>(
      withRest(
        sql`SELECT category_id, sum(cheapest) AS count FROM listed_counts WHERE step < ${end}::bigint ${within(categoryIds)} GROUP BY category_id`,
        sql`price >= ${end * STEP}::bigint AND price <= ${maxPrice}::bigint ${within(categoryIds)}`,
        enough,
      ),
    );
  }
}

/** Whole steps, and the products in the step through which the bound cuts. */
const withRest = (wholeSteps: Sql, rest: Sql, enough: number): Sql => sql`
  WITH whole AS MATERIALIZED (${wholeSteps})
  SELECT category_id AS id, sum(count)::bigint AS count FROM (
    SELECT category_id, count FROM whole
    UNION ALL
    SELECT category_id, count(*) FROM products
    WHERE listed AND ${rest} AND (SELECT coalesce(sum(count), 0) FROM whole) <= ${enough}::bigint GROUP BY category_id) AS parts
  GROUP BY category_id HAVING sum(count) > 0`;

const within = (ids: readonly string[] | undefined): Sql => when(ids !== undefined, () => sql`AND category_id = ANY(${ids}::uuid[])`);
