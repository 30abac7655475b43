import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#libs/persistence/database';
import { once } from '#libs/persistence/inbox';
import { sql } from '#libs/persistence/sql';
import type { KeptCart } from './cart.ts';
import { hasEvent } from './cart-value.ts';

interface CartRow {
  owner: string;
  version: string;
  sequence: number;
  content: Pick<KeptCart, 'lines' | 'keys' | 'events'>;
  updated_at: Date;
}

/** The durable copies of carts; a newer one is never replaced by an older. */
@Injectable()
export class CartRepository {
  constructor(private readonly database: Database) {}

  async find(owner: string): Promise<KeptCart | undefined> {
    const row = await this.database.row<CartRow>(
      sql`SELECT owner, version, sequence, content, updated_at FROM carts WHERE owner = ${owner}`,
    );
    if (row === undefined) return undefined;
    const { version, sequence, content, updated_at } = row;
    return { owner, version, sequence, updatedAt: updated_at.getTime(), ...content };
  }

  async store(carts: readonly KeptCart[]): Promise<void> {
    if (carts.length > 0) await write(this.database, carts);
  }

  async hasSeen(eventId: string): Promise<boolean> {
    return (await this.database.row(sql`SELECT 1 FROM inbox WHERE event_id = ${eventId}`)) !== undefined;
  }

  /**
   * Notes the event and the cart it has changed, together. False when Postgres has a newer cart that has not seen the event: Redis was
   * flushed after the cart took it; then nothing is noted.
   */
  async storeConsumed(cart: KeptCart, eventId: string): Promise<boolean> {
    return this.database
      .transaction(async (transaction) => {
        if (!(await once(transaction, eventId))) return true;
        await write(transaction, [cart]);
        const row = await transaction.row<{ events: string }>(
          sql`SELECT content ->> 'events' AS events FROM carts WHERE owner = ${cart.owner}`,
        );
        if (row === undefined || !hasEvent(row.events, eventId)) throw new EventMissing();
        return true;
      })
      .catch((error: unknown) => {
        if (error instanceof EventMissing) return false;
        throw error;
      });
  }
}

/** Rolls the transaction back. */
class EventMissing extends Error {}

/** In the order of owners, so that two replicas that write the same carts cannot wait for each other in a circle. */
async function write(queries: Database | Transaction, carts: readonly KeptCart[]): Promise<void> {
  const rows = [...carts].sort((one, other) => (one.owner < other.owner ? -1 : 1));
  await queries.execute(sql`
    INSERT INTO carts (owner, version, sequence, content, updated_at)
    SELECT * FROM unnest(
      ${rows.map(({ owner }) => owner)}::text[],
      ${rows.map(({ version }) => version)}::text[],
      ${rows.map(({ sequence }) => sequence)}::bigint[],
      ${rows.map(({ lines, keys, events }) => JSON.stringify({ lines, keys, events }))}::jsonb[],
      ${rows.map(({ updatedAt }) => new Date(updatedAt).toISOString())}::timestamptz[])
    ON CONFLICT (owner) DO UPDATE
    SET version = excluded.version, sequence = excluded.sequence, content = excluded.content, updated_at = excluded.updated_at
    WHERE carts.sequence < excluded.sequence`);
}
