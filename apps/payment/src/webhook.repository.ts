import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';

export interface WaitingWebhook {
  readonly id: string;
  readonly body: Buffer;
  readonly tries: number;
}

const PAGE = 50;
const MAX_PAUSE_SECONDS = 3_600;

@Injectable()
export class WebhookRepository {
  constructor(private readonly database: Database) {}

  /** False for an event that was stored before. */
  async store(id: string, body: Buffer): Promise<boolean> {
    return (await this.database.execute(sql`INSERT INTO webhook_events (id, body) VALUES (${id}, ${body}) ON CONFLICT DO NOTHING`)) === 1;
  }

  /** In the transaction of the effect. */
  settle(tx: Transaction, id: string, event: string, outcome: string): void {
    tx.send(sql`
      UPDATE webhook_events SET processed_at = now(), event = ${event}, outcome = ${outcome} WHERE id = ${id} AND processed_at IS NULL`);
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
