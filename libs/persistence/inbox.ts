import type { Database } from './database.ts';
import { isUniqueViolation } from './database-errors.ts';
import { sql } from './sql.ts';
import type { Transaction } from './transaction.ts';

/**
 * Makes an event's effect once. The event is noted in the transaction of the effect, and noting it again fails that transaction: so the
 * effect need not wait for the answer whether the event is new, which it nearly always is. False when it was not.
 */
export async function once(database: Database, eventId: string, effect: (transaction: Transaction) => Promise<void>): Promise<boolean> {
  try {
    await database.transaction(async (transaction) => {
      transaction.send(sql`INSERT INTO inbox (event_id) VALUES (${eventId})`);
      await effect(transaction);
    });
    return true;
  } catch (error) {
    if (isUniqueViolation(error, 'inbox_pkey')) return false;
    throw error;
  }
}

/** As `once`, for many events in one transaction: the effect is made of those that are new. Their ids are noted in one order everywhere. */
export async function onceEach<Event extends { readonly id: string }>(
  database: Database,
  events: readonly Event[],
  effect: (transaction: Transaction, fresh: readonly Event[]) => Promise<void>,
): Promise<void> {
  const byId = new Map(events.map((event) => [event.id, event]));
  await database.transaction(async (transaction) => {
    const noted = await transaction.rows<{ id: string }>(sql`
      INSERT INTO inbox (event_id) SELECT id FROM unnest(${[...byId.keys()].sort()}::uuid[]) AS event (id)
      ON CONFLICT DO NOTHING RETURNING event_id AS id`);
    const fresh = noted.flatMap(({ id }) => byId.get(id) ?? []);
    if (fresh.length > 0) await effect(transaction, fresh);
  });
}
