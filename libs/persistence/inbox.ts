import type { Database, Transaction } from './database.ts';
import { sql } from './sql.ts';
import { inBatches, SWEEP_ROWS } from './sweep.ts';

/** True the first time; the row stands or falls with the transaction that makes the effect. */
export async function once(transaction: Transaction, eventId: string): Promise<boolean> {
  return (await transaction.execute(sql`INSERT INTO inbox (event_id) VALUES (${eventId}) ON CONFLICT DO NOTHING`)) === 1;
}

/** An event is delivered for a day at most and replayed by hand for some weeks; after 30 days its id may be forgotten. Small batches, so that nobody waits for it. */
export async function sweepInbox(database: Database): Promise<number> {
  return inBatches(
    sql`DELETE FROM inbox WHERE event_id IN (SELECT event_id FROM inbox WHERE received_at < now() - interval '30 days' ORDER BY received_at LIMIT ${SWEEP_ROWS})`,
    database,
  );
}
