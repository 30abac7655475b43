import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import { retention } from '../migrations/order.retention.ts';

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
          WHERE step = 'done' AND due_at IS NULL AND created_at < now() - ${retention.checkouts.keptFor}::interval
          ORDER BY order_id LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }

  /** Orders that were refused before anybody saw them. */
  async removeRefused(): Promise<number> {
    return inBatches(
      sql`
        WITH old AS (
          SELECT id FROM orders WHERE status = 'refused' AND created_at < now() - ${retention.orders.but.refused.keptFor}::interval
            AND NOT EXISTS (SELECT FROM checkouts WHERE order_id = orders.id AND step <> 'done')
          ORDER BY id LIMIT ${SWEEP_ROWS}),
        lines AS (DELETE FROM order_items USING old WHERE order_id = old.id),
        steps AS (DELETE FROM checkouts USING old WHERE order_id = old.id)
        DELETE FROM orders USING old WHERE orders.id = old.id`,
      this.database,
    );
  }
}
