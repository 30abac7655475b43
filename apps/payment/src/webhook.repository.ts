import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';

export interface WaitingWebhook {
  readonly id: string;
  readonly body: Buffer;
  readonly tries: number;
}

export interface ProcessedWebhook {
  readonly id: string;
  readonly name: string;
  readonly outcome: string;
}

const PAGE = 50;
const MAX_PAUSE_SECONDS = 3_600;

@Injectable()
export class WebhookRepository {
  constructor(private readonly database: Database) {}

  /** An event that is still to be worked off. False for one that was stored before. */
  async store(id: string, body: Buffer): Promise<boolean> {
    return (await this.database.execute(sql`INSERT INTO webhook_events (id, body) VALUES (${id}, ${body}) ON CONFLICT DO NOTHING`)) === 1;
  }

  /** An event and its effect, in one transaction. False for one that was stored before, which is now worked off in any case. */
  async storeProcessed(tx: Transaction, { id, body, name, outcome }: ProcessedWebhook & { readonly body: Buffer }): Promise<boolean> {
    const inserted = await tx.execute(sql`
      INSERT INTO webhook_events (id, body, processed_at, event, outcome) VALUES (${id}, ${body}, now(), ${name}, ${outcome}) ON CONFLICT DO NOTHING`);
    if (inserted === 0) this.settle(tx, { id, name, outcome });
    return inserted === 1;
  }

  /** In the transaction of the effect. */
  settle(tx: Transaction, { id, name, outcome }: ProcessedWebhook): void {
    tx.send(sql`
      UPDATE webhook_events SET processed_at = now(), event = ${name}, outcome = ${outcome} WHERE id = ${id} AND processed_at IS NULL`);
  }

  /** Events whose process died, or failed, between storing and processing them. One that keeps failing is taken up ever more rarely. */
  claimWaiting(): Promise<WaitingWebhook[]> {
    return this.database.rows<WaitingWebhook>(sql`
      UPDATE webhook_events SET tries = tries + 1,
        next_try_at = now() + make_interval(secs => least(${MAX_PAUSE_SECONDS}, 10 * power(2, least(tries, 12)))::float8)
      WHERE id IN (
        SELECT id FROM webhook_events WHERE processed_at IS NULL AND next_try_at <= now()
        ORDER BY next_try_at LIMIT ${PAGE} FOR UPDATE SKIP LOCKED)
      RETURNING id, body, tries`);
  }

  /** Who paid and how is not kept longer than 30 days; the ids are, so that a replay stays a duplicate. */
  async emptyOldBodies(): Promise<void> {
    await inBatches(
      sql`
        UPDATE webhook_events SET body = '' WHERE id IN (
          SELECT id FROM webhook_events WHERE octet_length(body) > 0 AND received_at < now() - interval '30 days' AND processed_at IS NOT NULL
          ORDER BY received_at LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }
}
