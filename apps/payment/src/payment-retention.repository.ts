import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import { Rounds } from '#libs/runtime/rounds';
import { retention } from '../migrations/payment.retention.ts';
import { InstrumentRepository } from './instrument.repository.ts';

const EVERY_MS = 60 * 60_000;

/** Removes who paid and how from webhooks, and what was written of users beside their erasure. Their ids stay longer, so that a replay stays a duplicate. */
@Injectable()
export class PaymentRetentionRepository {
  constructor(
    private readonly database: Database,
    private readonly instruments: InstrumentRepository,
    rounds: Rounds,
  ) {
    rounds.every('payment.retention', EVERY_MS, () => this.sweep());
  }

  async sweep(): Promise<void> {
    await this.emptyOldBodies();
    await this.instruments.removeOfErased();
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
