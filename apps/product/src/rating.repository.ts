import { Injectable } from '@nestjs/common';
import type { RatingChanged } from '#libs/contracts/review/messages';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** What reviews say of products. */
@Injectable()
export class RatingRepository {
  /** Takes those that are newer than what the product shows. Answers the products that show something else now. */
  async take(transaction: Transaction, ratings: readonly RatingChanged[]): Promise<string[]> {
    const newest = new Map<string, RatingChanged>();
    for (const rating of ratings) if (rating.version > (newest.get(rating.productId)?.version ?? 0)) newest.set(rating.productId, rating);
    const rows = [...newest.values()].sort((one, other) => (one.productId < other.productId ? -1 : 1));
    // An UPDATE that joins takes rows in any order.
    await transaction.execute(
      sql`SELECT 1 FROM products WHERE id = ANY(${rows.map(({ productId }) => productId)}::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
    );
    const changed = await transaction.rows<{ id: string }>(sql`
      UPDATE products SET rating_average = rating.average, rating_count = rating.count, rating_version = rating.version
      FROM unnest(${rows.map(({ productId }) => productId)}::uuid[], ${rows.map(({ average }) => average)}::numeric[],
        ${rows.map(({ count }) => count)}::int[], ${rows.map(({ version }) => version)}::bigint[]) AS rating (product_id, average, count, version)
      WHERE id = rating.product_id AND rating_version < rating.version RETURNING id`);
    return changed.map(({ id }) => id);
  }
}
