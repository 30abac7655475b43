import { Injectable } from '@nestjs/common';
import type { ReviewSort, ReviewsOfProduct } from '#libs/contracts/review/api';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { joined, plannedByValues, type Sql, sql } from '#libs/persistence/sql';
import type { ReviewRow, SummaryRow } from './review.ts';

interface Sort {
  readonly key: Sql;
  readonly cast: Sql;
}

/** Each with an index of its own, from the highest key down; the newest of equal ones first. */
const SORTS: Readonly<Record<Exclude<ReviewSort, 'newest'>, Sort>> = {
  helpful: { key: sql`helpfulness`, cast: sql`::float8` },
  rating_high: { key: sql`rating`, cast: sql`::smallint` },
  rating_low: { key: sql`(-rating)`, cast: sql`::smallint` },
};

/**
 * A page costs what it shows: its ids come from the sort's index alone, which the filters are read in too. Without a filter one plan fits all
 * values, for no other index gives this order.
 */
export function pageStatement(
  { productId, sort: name, rating, verified, withImages, limit }: ReviewsOfProduct,
  after: readonly unknown[] | undefined,
): Sql {
  // Of reviews with the same stars the newest come first.
  const sort = name === 'newest' || (rating !== undefined && name !== 'helpful') ? undefined : SORTS[name];
  const key = sort?.key ?? sql`id`;
  const beyond = sort === undefined ? sql`id < ${after?.[1]}::uuid` : sql`(${key}, id) < (${after?.[0]}${sort.cast}, ${after?.[1]}::uuid)`;
  const conditions = [
    sql`product_id = ${productId}::uuid AND status = 'approved'`,
    ...(rating === undefined ? [] : [sql`rating = ${rating}::smallint`]),
    ...(verified === undefined ? [] : [sql`verified = ${verified}::boolean`]),
    ...(withImages === undefined ? [] : [sql`has_images = ${withImages}::boolean`]),
    ...(after === undefined ? [] : [beyond]),
  ];
  const order = sort === undefined ? sql`id DESC` : sql`${key} DESC, id DESC`;
  return sql`
    SELECT reviews.*, shown.key FROM (
      SELECT id, ${key} AS key FROM reviews WHERE ${joined(conditions, ' AND ')} ORDER BY ${order} LIMIT ${limit + 1}) AS shown
    JOIN reviews USING (id) ORDER BY shown.key DESC, id DESC`;
}

/** What everybody reads about a product. */
@Injectable()
export class ProductReviewsRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  async page(query: ReviewsOfProduct): Promise<{ items: ReviewRow[]; nextCursor: string | null }> {
    const { productId, sort, rating, verified, withImages, limit, cursor } = query;
    const list = `reviews ${JSON.stringify([productId, sort, rating, verified, withImages])}`;
    const statement = pageStatement(query, cursor === undefined ? undefined : this.cursors.decode(cursor, list));
    const isFiltered = rating !== undefined || verified !== undefined || withImages !== undefined;
    const rows = await this.database.rows<ReviewRow & { key: number | string }>(isFiltered ? plannedByValues(statement) : statement);
    return pageOf(rows, limit, ({ key, id }) => this.cursors.encode([key, id], list));
  }

  summary(productId: string, queries: Queries = this.database): Promise<SummaryRow | undefined> {
    return queries.row<SummaryRow>(sql`
      SELECT summaries.*, coalesce((
        SELECT jsonb_agg(jsonb_build_object('size', size, 'small', fit_small, 'true', fit_true, 'large', fit_large) ORDER BY size)
        FROM size_fits WHERE size_fits.product_id = summaries.product_id AND fit_small + fit_true + fit_large > 0), '[]') AS sizes
      FROM summaries WHERE product_id = ${productId}`);
  }
}
