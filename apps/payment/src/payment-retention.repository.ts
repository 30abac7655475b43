import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import { Rounds } from '#libs/runtime/rounds';
import { retention } from '../migrations/payment.retention.ts';

const EVERY_MS = 60 * 60_000;

/** Removes who paid and how from webhooks. Their ids stay longer, so that a replay stays a duplicate. */
@Injectable()
export class PaymentRetentionRepository {
  constructor(
    private readonly database: Database,
    rounds: Rounds,
  ) {
    rounds.every('payment.retention', EVERY_MS, () => this.emptyOldBodies());
  }

  async emptyOldBodies(): Promise<void> {
    await inBatches(
      sql`
        UPDATE webhook_events SET body = '' WHERE id IN (
          SELECT id FROM webhook_events
          WHERE octet_length(body) > 0 AND received_at < now() - ${retention.webhook_events.but.bodies.keptFor}::interval AND processed_at IS NOT NULL
          ORDER BY received_at LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }
}
