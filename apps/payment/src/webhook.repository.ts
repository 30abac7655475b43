import { Injectable } from '@nestjs/common';
import { presentTrace } from '#libs/observability/tracing';
import { type Backoff, backoffOf, claim } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface WaitingWebhook {
  readonly id: string;
  readonly body: Buffer;
  readonly tries: number;
  /** Of the request that brought it, where traces are made. */
  readonly traceparent: string | null;
}

export interface ProcessedWebhook {
  readonly id: string;
  readonly name: string;
  readonly outcome: string;
}

const PAGE = 50;
const PAUSE: Backoff = { baseSeconds: 20, maxSeconds: 3_600 };

@Injectable()
export class WebhookRepository {
  constructor(private readonly database: Database) {}

  /** Stores an event that is not processed yet. False when it was stored before. */
  async store(id: string, body: Buffer): Promise<boolean> {
    const stored = await this.database.execute(
      sql`INSERT INTO webhook_events (id, body, traceparent) VALUES (${id}, ${body}, ${presentTrace()}) ON CONFLICT DO NOTHING`,
    );
    return stored === 1;
  }

  /** Stores a processed event, in the transaction of its effect. False when it was stored before; it is then marked as processed. */
  async storeProcessed(tx: Transaction, { id, body, name, outcome }: ProcessedWebhook & { readonly body: Buffer }): Promise<boolean> {
    const inserted = await tx.execute(sql`
      INSERT INTO webhook_events (id, body, processed_at, event, outcome) VALUES (${id}, ${body}, now(), ${name}, ${outcome}) ON CONFLICT DO NOTHING`);
    if (inserted === 0) this.settle(tx, { id, name, outcome });
    return inserted === 1;
  }

  /** Marks an event as processed, in the transaction of its effect. */
  settle(tx: Transaction, { id, name, outcome }: ProcessedWebhook): void {
    tx.send(sql`
      UPDATE webhook_events SET processed_at = now(), event = ${name}, outcome = ${outcome} WHERE id = ${id} AND processed_at IS NULL`);
  }

  /** Takes up events that were stored and not processed, those that keep failing ever more rarely. */
  claimWaiting(): Promise<WaitingWebhook[]> {
    return this.database.rows<WaitingWebhook>(
      claim({
        table: sql`webhook_events`,
        key: sql`id`,
        due: sql`next_try_at`,
        where: sql`processed_at IS NULL`,
        limit: PAGE,
        leaseSeconds: backoffOf(sql`tries`, PAUSE),
        set: sql`tries = tries + 1`,
        returning: sql`id, body, tries, traceparent`,
      }),
    );
  }
}
