import { Injectable } from '@nestjs/common';
import { cartApi } from '#libs/contracts/cart/api';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import { IDLE_SECONDS, type KeptCart, userIdOf } from './cart.ts';

/** Seconds for which a replica has the carts it claimed. */
const LEASE_SECONDS = 30;

export interface LeftAlone {
  readonly owner: string;
  readonly version: string;
}

/** What Postgres knows of carts that nobody comes back to. */
@Injectable()
export class AbandonmentRepository {
  constructor(private readonly database: Database) {}

  /** Carts with lines that nobody has written or begun to order for `seconds`; other replicas leave them alone meanwhile. */
  async claim(seconds: number, limit: number): Promise<LeftAlone[]> {
    return this.database.rows<LeftAlone>(sql`
      UPDATE carts SET claimed_until = now() + make_interval(secs => ${LEASE_SECONDS}::float8)
      WHERE owner IN (
        SELECT owner FROM carts
        WHERE watched_hour < now() - make_interval(secs => ${seconds}::float8)
          AND greatest(updated_at, checkout_at) < now() - make_interval(secs => ${seconds}::float8)
          AND (claimed_until IS NULL OR claimed_until < now())
          AND announced_version IS DISTINCT FROM version
        ORDER BY watched_hour LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING owner, version`);
  }

  /**
   * Notes the versions as announced and publishes them, together. A cart that was written, ordered or announced since it was claimed is left
   * out. How many there were.
   */
  async announce(carts: readonly LeftAlone[], seconds: number): Promise<number> {
    return this.database.transaction(async (transaction) => {
      const rows = await transaction.rows<LeftAlone & Pick<KeptCart, 'lines'>>(sql`
        UPDATE carts SET announced_version = carts.version, watched_hour = NULL, claimed_until = NULL
        FROM (
          SELECT carts.owner FROM carts
          JOIN unnest(${carts.map(({ owner }) => owner)}::text[], ${carts.map(({ version }) => version)}::text[]) AS left_alone (owner, version)
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

  /** Removes guest carts that nobody has written for 30 days, and forgets after a year who took which one over. */
  async sweep(): Promise<void> {
    await inBatches(
      sql`
        DELETE FROM carts WHERE owner IN (
          SELECT owner FROM carts
          WHERE guest_day < now() - make_interval(secs => ${IDLE_SECONDS}::float8)
            AND updated_at < now() - make_interval(secs => ${IDLE_SECONDS}::float8)
          ORDER BY guest_day LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
    await inBatches(
      sql`
        DELETE FROM guest_merges WHERE guest IN (
          SELECT guest FROM guest_merges WHERE merged_at < now() - interval '1 year' ORDER BY merged_at LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }
}
