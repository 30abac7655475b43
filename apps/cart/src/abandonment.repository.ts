import { Injectable } from '@nestjs/common';
import { cartApi } from '#libs/contracts/cart/api';
import { claim } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import { retention } from '../migrations/cart.retention.ts';
import { type KeptCart, userIdOf } from './cart.ts';

/** Seconds for which a replica has the carts it claimed. */
const LEASE_SECONDS = 30;

export interface AbandonedCart {
  readonly owner: string;
  readonly version: string;
}

/** Carts that their owners do not come back to. */
@Injectable()
export class AbandonmentRepository {
  constructor(private readonly database: Database) {}

  /**
   * Carts with lines that were neither written nor ordered for `seconds`. The lease moves the hour from which a cart is watched, so that the
   * cart is due again when the lease ends.
   */
  claim(seconds: number, limit: number): Promise<AbandonedCart[]> {
    return this.database.rows<AbandonedCart>(
      claim({
        table: sql`carts`,
        key: sql`owner`,
        due: sql`watched_hour`,
        where: sql`watched_hour < now() - make_interval(secs => ${seconds}::float8)
          AND greatest(updated_at, checkout_at) < now() - make_interval(secs => ${seconds}::float8)
          AND announced_version IS DISTINCT FROM version`,
        limit,
        leaseSeconds: LEASE_SECONDS - seconds,
        returning: sql`owner, version`,
      }),
    );
  }

  /**
   * Notes the versions as announced and publishes them, in one transaction. A cart that was written, ordered or announced since it was claimed
   * is left out. Answers how many were announced.
   */
  async announce(carts: readonly AbandonedCart[], seconds: number): Promise<number> {
    return this.database.transaction(async (transaction) => {
      const rows = await transaction.rows<AbandonedCart & Pick<KeptCart, 'lines'>>(sql`
        UPDATE carts SET announced_version = carts.version, watched_hour = NULL
        FROM (
          SELECT carts.owner FROM carts
          JOIN unnest(${carts.map(({ owner }) => owner)}::text[], ${carts.map(({ version }) => version)}::text[]) AS claimed (owner, version)
            USING (owner, version)
          WHERE greatest(updated_at, checkout_at) < now() - make_interval(secs => ${seconds}::float8)
            AND announced_version IS DISTINCT FROM version
          ORDER BY owner FOR UPDATE OF carts) AS due
        WHERE carts.owner = due.owner
        RETURNING carts.owner, carts.version, carts.content -> 'lines' AS lines`);
      const at = new Date().toISOString();
      for (const { owner, version, lines } of rows) {
        transaction.publish(cartApi.events.abandoned, {
          userId: userIdOf(owner) ?? '',
          version,
          lines: lines.map(({ variantId, quantity }) => ({ variantId, quantity })),
          at,
        });
      }
      return rows.length;
    });
  }

  /** Removes carts that guests have left behind. */
  async sweep(): Promise<void> {
    await inBatches(
      sql`
        DELETE FROM carts WHERE owner IN (
          SELECT owner FROM carts
          WHERE guest_day < now() - ${retention.carts.but.guests.keptFor}::interval
            AND updated_at < now() - ${retention.carts.but.guests.keptFor}::interval
          ORDER BY guest_day LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }
}
