import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { once } from '#libs/persistence/inbox';
import { type Sql, sql } from '#libs/persistence/sql';
import { isGuest, type KeptCart } from './cart.ts';
import { hasEvent } from './cart-value.ts';

interface CartRow {
  owner: string;
  version: string;
  sequence: number;
  /** Carts that were stored before there were coupons and guests lack those two. */
  content: Pick<KeptCart, 'lines' | 'keys' | 'events'> & Partial<Pick<KeptCart, 'coupon' | 'mergedBy'>>;
  updated_at: Date;
  taken_by: string | null;
}

/** The durable copies of carts; a newer one is never replaced by an older. */
@Injectable()
export class CartRepository {
  constructor(private readonly database: Database) {}

  async find(owner: string): Promise<KeptCart | undefined> {
    const row = await this.database.row<CartRow>(
      sql`
        SELECT owner, version, sequence, content, updated_at,
          (SELECT guest_merges.owner FROM guest_merges WHERE guest = carts.owner) AS taken_by
        FROM carts WHERE owner = ${owner}`,
    );
    if (row === undefined) return undefined;
    const { version, sequence, content, updated_at, taken_by } = row;
    const { lines, keys, events, coupon = '', mergedBy = '' } = content;
    return { owner, version, sequence, updatedAt: updated_at.getTime(), lines, keys, events, coupon, mergedBy: taken_by ?? mergedBy };
  }

  async store(carts: readonly KeptCart[]): Promise<void> {
    if (carts.length > 0) await this.database.execute(writing(carts));
  }

  /**
   * Stores a cart of which an order begins, which keeps it from counting as abandoned. False when Postgres has a newer cart, or another one
   * of the same number; that one stays.
   */
  async storeForOrder(cart: KeptCart): Promise<boolean> {
    return (await this.database.execute(writing([cart], { isOrdered: true }))) === 1;
  }

  /** By whom a guest's cart was taken over for good. */
  async takerOf(guest: string): Promise<string | undefined> {
    return (await this.database.row<{ owner: string }>(sql`SELECT owner FROM guest_merges WHERE guest = ${guest}`))?.owner;
  }

  /** A merge is complete: from now on its repeats change nothing. */
  async noteMerge(guest: string, owner: string): Promise<void> {
    await this.database.execute(sql`INSERT INTO guest_merges (guest, owner) VALUES (${guest}, ${owner}) ON CONFLICT DO NOTHING`);
  }

  async hasSeen(eventId: string): Promise<boolean> {
    return (await this.database.row(sql`SELECT 1 FROM inbox WHERE event_id = ${eventId}`)) !== undefined;
  }

  /**
   * Notes the event and the cart it has changed, together. False when Postgres has a newer cart that has not seen the event: Redis was
   * flushed after the cart took it; then nothing is noted.
   */
  async storeConsumed(cart: KeptCart, eventId: string): Promise<boolean> {
    try {
      const noted = await this.database.execute(sql`
        WITH stored AS (${writing([cart])} RETURNING 1) INSERT INTO inbox (event_id) SELECT ${eventId}::uuid FROM stored`);
      return noted === 1 || (await this.storeUnlessNewer(cart, eventId));
    } catch (error) {
      if (isUniqueViolation(error, 'inbox_pkey')) return true;
      throw error;
    }
  }

  /** Postgres has this cart already, or a newer one. */
  private async storeUnlessNewer(cart: KeptCart, eventId: string): Promise<boolean> {
    try {
      await once(this.database, eventId, async (transaction) => {
        transaction.send(writing([cart]));
        const row = await transaction.row<{ events: string }>(
          sql`SELECT content ->> 'events' AS events FROM carts WHERE owner = ${cart.owner}`,
        );
        if (row === undefined || !hasEvent(row.events, eventId)) throw new EventMissing();
      });
      return true;
    } catch (error) {
      if (error instanceof EventMissing) return false;
      throw error;
    }
  }
}

/** Rolls the transaction back. */
class EventMissing extends Error {}

/**
 * In the order of owners, so that two replicas that write the same carts cannot wait for each other in a circle. `isOrdered`: the cart's row is
 * written also when it is stored already, for the moment of the order.
 */
function writing(carts: readonly KeptCart[], { isOrdered = false } = {}): Sql {
  const rows = [...carts].sort((one, other) => (one.owner < other.owner ? -1 : 1));
  return sql`
    INSERT INTO carts (owner, version, sequence, content, updated_at, watched_hour, guest_day, checkout_at)
    SELECT owner, version, sequence, content, updated_at,
      CASE WHEN watched THEN date_trunc('hour', updated_at, 'UTC') END, CASE WHEN guest THEN date_trunc('day', updated_at, 'UTC') END,
      CASE WHEN ${isOrdered} THEN now() END
    FROM unnest(
      ${rows.map(({ owner }) => owner)}::text[],
      ${rows.map(({ version }) => version)}::text[],
      ${rows.map(({ sequence }) => sequence)}::bigint[],
      ${rows.map(({ lines, keys, events, coupon, mergedBy }) => JSON.stringify({ lines, keys, events, coupon, mergedBy }))}::jsonb[],
      ${rows.map(({ updatedAt }) => new Date(updatedAt).toISOString())}::timestamptz[],
      ${rows.map(({ owner, lines }) => !isGuest(owner) && lines.length > 0)}::bool[],
      ${rows.map(({ owner }) => isGuest(owner))}::bool[]) AS row (owner, version, sequence, content, updated_at, watched, guest)
    ON CONFLICT (owner) DO UPDATE
    SET version = excluded.version, sequence = excluded.sequence, content = excluded.content, updated_at = excluded.updated_at,
      watched_hour = excluded.watched_hour, guest_day = excluded.guest_day, checkout_at = coalesce(excluded.checkout_at, carts.checkout_at)
    WHERE carts.sequence < excluded.sequence
      OR (excluded.checkout_at IS NOT NULL AND carts.sequence = excluded.sequence AND carts.version = excluded.version)`;
}
