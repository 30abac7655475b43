import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';

/** Days; the README says why. */
const REFUSED_DAYS = 30;
const CHECKOUT_DAYS = 90;
const REJECTED_CAPTURE_DAYS = 400;

/** Removes rows that nothing needs any more, in batches. Each answers how many went. */
@Injectable()
export class RetentionRepository {
  constructor(private readonly database: Database) {}

  /** Checkouts that have ended. Late money finds none and goes back. */
  async removeCheckouts(): Promise<number> {
    return inBatches(
      sql`
        DELETE FROM checkouts WHERE order_id IN (
          SELECT order_id FROM checkouts JOIN orders ON orders.id = order_id
          WHERE step = 'done' AND due_at IS NULL AND created_at < now() - make_interval(days => ${CHECKOUT_DAYS}::int)
          ORDER BY order_id LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }

  /** Orders that were refused before anybody saw them. */
  async removeRefused(): Promise<number> {
    return inBatches(
      sql`
        WITH old AS (
          SELECT id FROM orders WHERE status = 'refused' AND created_at < now() - make_interval(days => ${REFUSED_DAYS}::int)
            AND NOT EXISTS (SELECT FROM checkouts WHERE order_id = orders.id AND step <> 'done')
          ORDER BY id LIMIT ${SWEEP_ROWS}),
        lines AS (DELETE FROM order_items USING old WHERE order_id = old.id),
        steps AS (DELETE FROM checkouts USING old WHERE order_id = old.id)
        DELETE FROM orders USING old WHERE orders.id = old.id`,
      this.database,
    );
  }

  /** Captures that no order took, long after their money went back. */
  async removeRejectedCaptures(): Promise<number> {
    return inBatches(
      sql`
        DELETE FROM order_captures WHERE payment_id IN (
          SELECT payment_id FROM order_captures
          WHERE outcome <> 'taken' AND created_at < now() - make_interval(days => ${REJECTED_CAPTURE_DAYS}::int)
          ORDER BY created_at LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }
}
