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

/**
 * How many products are listed, by category, in a price range that is open on one side: the sum of the whole steps, which triggers keep in
 * `listed_counts`, and the products in the step through which the bound cuts. So a wide range costs what a narrow one does.
 */
@Injectable()
export class ListingCountsRepository {
  constructor(private readonly database: Database) {}

  all(categoryIds: readonly string[] | undefined): Promise<Counted[]> {
    return this.database.rows<Counted>(sql`
      SELECT category_id AS id, sum(cheapest) AS count FROM listed_counts
      WHERE true ${within(categoryIds)} GROUP BY category_id HAVING sum(cheapest) > 0`);
  }

  /** A live variant costs so much or more: the dearest does. Where whole steps alone are more than `enough`, the rest is left out. */
  from(minPrice: number, enough: number, categoryIds: readonly string[] | undefined): Promise<Counted[]> {
    const first = Math.ceil(minPrice / STEP);
    return this.sum(
      sql`SELECT category_id, sum(dearest) AS count FROM listed_counts WHERE step >= ${first}::bigint ${within(categoryIds)} GROUP BY category_id`,
      sql`highest_price >= ${minPrice}::bigint AND highest_price < ${first * STEP}::bigint`,
      enough,
      categoryIds,
    );
  }

  /** A live variant costs so much or less: the cheapest does. */
  upTo(maxPrice: number, enough: number, categoryIds: readonly string[] | undefined): Promise<Counted[]> {
    const end = Math.floor(Math.min(maxPrice, END - 1) / STEP);
    return this.sum(
      sql`SELECT category_id, sum(cheapest) AS count FROM listed_counts WHERE step < ${end}::bigint ${within(categoryIds)} GROUP BY category_id`,
      sql`price >= ${end * STEP}::bigint AND price <= ${maxPrice}::bigint`,
      enough,
      categoryIds,
    );
  }

  private sum(wholeSteps: Sql, rest: Sql, enough: number, categoryIds: readonly string[] | undefined): Promise<Counted[]> {
    return this.database.rows<Counted>(sql`
      WITH whole AS MATERIALIZED (${wholeSteps})
      SELECT category_id AS id, sum(count)::bigint AS count FROM (
        SELECT category_id, count FROM whole
        UNION ALL
        SELECT category_id, count(*) FROM products WHERE listed AND ${rest} ${within(categoryIds)}
          AND (SELECT coalesce(sum(count), 0) FROM whole) <= ${enough}::bigint GROUP BY category_id) AS parts
      GROUP BY category_id HAVING sum(count) > 0`);
  }
}

const within = (ids: readonly string[] | undefined): Sql => when(ids !== undefined, () => sql`AND category_id = ANY(${ids}::uuid[])`);
