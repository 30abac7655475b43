import { Injectable } from '@nestjs/common';
import type { Queries } from '#libs/persistence/queries';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export type InterestKind = 'view' | 'wish' | 'add' | 'sale';

/** Somebody took an interest in a product, or in a variant of it. */
export interface Interest {
  readonly productId?: string;
  readonly variantId?: string;
  readonly person: string;
  readonly kind: InterestKind;
  /** ISO 8601; now where it does not say. */
  readonly at?: string;
}

export interface KnownInterest {
  readonly productId: string;
  readonly kind: InterestKind;
  readonly hour: Date;
}

/** Who took an interest in what: one row a person, product and kind, which says when that was last. */
@Injectable()
export class InterestRepository {
  /** Products that are gone and people who are erased are left out. One statement. */
  async note(queries: Queries, interests: readonly Interest[]): Promise<void> {
    if (interests.length === 0) return;
    await queries.execute(sql`
      INSERT INTO interests (product_id, person, kind, hour)
      SELECT p.id, given.person, given.kind, date_trunc('hour', least(max(coalesce(given.at, now())), now()))
      FROM unnest(${interests.map(({ productId }) => productId ?? null)}::uuid[], ${interests.map(({ variantId }) => variantId ?? null)}::uuid[],
        ${interests.map(({ person }) => person)}::uuid[], ${interests.map(({ kind }) => kind)}::text[],
        ${interests.map(({ at }) => at ?? null)}::timestamptz[]) AS given (product_id, variant_id, person, kind, at)
      LEFT JOIN variants v ON v.id = given.variant_id
      JOIN products p ON p.id = coalesce(given.product_id, v.product_id) AND p.withdrawn_at IS NULL
      WHERE NOT EXISTS (SELECT 1 FROM erased_people WHERE user_id = given.person)
      GROUP BY p.id, given.person, given.kind ORDER BY p.id, given.person, given.kind
      ON CONFLICT (product_id, person, kind) DO UPDATE SET hour = excluded.hour WHERE interests.hour < excluded.hour`);
  }

  /** Removes what is known of an account, for good. Answers the products that it took an interest in. */
  async erase(tx: Transaction, userId: string): Promise<string[]> {
    await tx.execute(sql`INSERT INTO erased_people (user_id) VALUES (${userId}) ON CONFLICT (user_id) DO UPDATE SET erased_at = now()`);
    const rows = await tx.rows<{ id: string }>(sql`
      WITH gone AS (DELETE FROM interests WHERE person = ${userId} RETURNING product_id)
      SELECT DISTINCT product_id AS id FROM gone ORDER BY id`);
    return rows.map(({ id }) => id);
  }

  /** What is known of an account, the newest first. */
  of(queries: Queries, userId: string): Promise<KnownInterest[]> {
    return queries.rows(sql`
      SELECT product_id AS "productId", kind, hour FROM interests WHERE person = ${userId} ORDER BY hour DESC, product_id, kind`);
  }
}
