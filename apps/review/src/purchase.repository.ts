import { Injectable } from '@nestjs/common';
import type { OrderDelivered } from '#libs/contracts/order/messages';
import { claim } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface RequestRow {
  readonly order_id: string;
  readonly user_id: string;
}

const REQUESTS_A_ROUND = 20;
/** Seconds until a request is tried again that came to no end. */
const LEASE_SECONDS = 60;

/** What was delivered to whom, and who is still to be asked for a review. */
@Injectable()
export class PurchaseRepository {
  constructor(private readonly database: Database) {}

  /** Keeps what was delivered and verifies the buyer's reviews of it. Of several deliveries of a product the latest gives the size. Answers products whose public reviews look different now. */
  async note(transaction: Transaction, { userId, lines, at }: OrderDelivered): Promise<string[]> {
    const sizes = new Map(lines.map(({ productId, size }) => [productId, size]));
    const products = [...sizes.keys()].sort();
    await transaction.execute(sql`
      INSERT INTO purchases AS kept (user_id, product_id, size, delivered_at)
      SELECT ${userId}::uuid, product_id, size, ${at}::timestamptz
      FROM unnest(${products}::uuid[], ${products.map((id) => sizes.get(id))}::text[]) AS line (product_id, size)
      ON CONFLICT (user_id, product_id) DO UPDATE SET size = excluded.size, delivered_at = excluded.delivered_at
      WHERE excluded.delivered_at >= kept.delivered_at`);
    const changed = await transaction.rows<{ product_id: string; status: string }>(sql`
      WITH verified AS (
        UPDATE reviews SET verified = true, size = bought.size
        FROM purchases bought
        WHERE reviews.user_id = ${userId} AND reviews.product_id = ANY(${products}::uuid[])
          AND bought.user_id = reviews.user_id AND bought.product_id = reviews.product_id
          AND (NOT reviews.verified OR reviews.size IS DISTINCT FROM bought.size)
        RETURNING reviews.id, reviews.product_id, reviews.status
      ), posts AS (
        DELETE FROM unverified_posts USING verified WHERE review_id = verified.id)
      SELECT product_id, status FROM verified`);
    return changed.filter(({ status }) => status === 'approved').map(({ product_id }) => product_id);
  }

  /** Sets the clock of the question about an order. */
  async askLater(transaction: Transaction, { orderId, userId, at }: OrderDelivered, afterSeconds: number): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO requests (order_id, user_id, due_at)
      VALUES (${orderId}, ${userId}, ${at}::timestamptz + make_interval(secs => ${afterSeconds}::float8)) ON CONFLICT DO NOTHING`);
  }

  /** Orders that it is time to ask about; they are the caller's for a minute. */
  claimDue(): Promise<RequestRow[]> {
    return this.database.rows<RequestRow>(
      claim({
        ...{ table: sql`requests`, key: sql`order_id`, due: sql`due_at`, limit: REQUESTS_A_ROUND, leaseSeconds: LEASE_SECONDS },
        returning: sql`order_id, user_id`,
      }),
    );
  }

  /** False when it is done already. */
  async done(transaction: Transaction, orderId: string): Promise<boolean> {
    return (await transaction.execute(sql`DELETE FROM requests WHERE order_id = ${orderId}`)) === 1;
  }

  /** Those of these products that the user has no review of. */
  async notReviewed(userId: string, productIds: readonly string[]): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(sql`
      SELECT id FROM unnest(${productIds}::uuid[]) WITH ORDINALITY AS asked (id, place)
      WHERE NOT EXISTS (SELECT FROM reviews WHERE user_id = ${userId} AND product_id = asked.id) ORDER BY place`);
    return rows.map(({ id }) => id);
  }

  ofUser(userId: string): Promise<{ productId: string; size: string; deliveredAt: Date }[]> {
    return this.database.rows(sql`
      SELECT product_id AS "productId", size, delivered_at AS "deliveredAt" FROM purchases WHERE user_id = ${userId} ORDER BY delivered_at`);
  }
}
