import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import { Rounds } from '#libs/runtime/rounds';

const EVERY_MS = 60 * 60_000;
/** Days after which who paid and how is removed from webhooks; their ids stay, so that a replay stays a duplicate. */
const BODY_DAYS = 30;
/** Days that rows are kept which are no books: longer than a dispute, a refund and the replay of a dead event together. */
const KEEP_DAYS = 400;

/** Removes what is no book any more. The README says what stays, and why. */
@Injectable()
export class PaymentRetentionRepository {
  constructor(
    private readonly database: Database,
    rounds: Rounds,
  ) {
    rounds.every('payment.retention', EVERY_MS, () => this.removeOld());
  }

  async removeOld(): Promise<void> {
    await inBatches(
      sql`
        UPDATE webhook_events SET body = '' WHERE id IN (
          SELECT id FROM webhook_events
          WHERE octet_length(body) > 0 AND received_at < now() - make_interval(days => ${BODY_DAYS}::int) AND processed_at IS NOT NULL
          ORDER BY received_at LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
    await inBatches(
      sql`
        DELETE FROM webhook_events WHERE id IN (
          SELECT id FROM webhook_events WHERE processed_at IS NOT NULL AND received_at < now() - make_interval(days => ${KEEP_DAYS}::int)
          ORDER BY received_at LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
    await inBatches(
      sql`
        DELETE FROM payment_effects WHERE (payment_id, effect) IN (
          SELECT payment_id, effect FROM payment_effects
          WHERE effect = 'failed' AND created_at < now() - make_interval(days => ${KEEP_DAYS}::int)
          ORDER BY created_at LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
    await inBatches(
      sql`
        DELETE FROM payment_orders WHERE order_id IN (
          SELECT order_id FROM payment_orders o
          WHERE state = 'created' AND created_at < now() - make_interval(days => ${KEEP_DAYS}::int)
            AND NOT EXISTS (SELECT FROM payments WHERE payments.order_id = o.order_id)
          ORDER BY created_at LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }
}
