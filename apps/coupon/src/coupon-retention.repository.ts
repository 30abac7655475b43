import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import { Rounds } from '#libs/runtime/rounds';

const EVERY_MS = 60 * 60_000;
/** Longer than a return window, a dispute and the replay of a dead event together. */
const KEEP_DAYS = 400;

/** Removes what no order and no admin can need any more. The README says what stays, and why. */
@Injectable()
export class CouponRetentionRepository {
  constructor(
    private readonly database: Database,
    rounds: Rounds,
  ) {
    rounds.every('coupon.retention', EVERY_MS, () => this.removeOld());
  }

  async removeOld(): Promise<void> {
    await inBatches(
      sql`
        WITH old AS MATERIALIZED (
          SELECT order_id FROM holds WHERE state IN ('released', 'refused') AND created_at < now() - make_interval(days => ${KEEP_DAYS}::int)
          ORDER BY created_at LIMIT ${SWEEP_ROWS}
        ), uses AS (
          DELETE FROM hold_uses USING old WHERE hold_uses.order_id = old.order_id
        )
        DELETE FROM holds USING old WHERE holds.order_id = old.order_id`,
      this.database,
    );
    await inBatches(
      sql`
        DELETE FROM heard_orders WHERE order_id IN (
          SELECT order_id FROM heard_orders WHERE heard_at < now() - make_interval(days => ${KEEP_DAYS}::int)
          ORDER BY heard_at LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
    await inBatches(
      sql`
        DELETE FROM bulk_jobs WHERE id IN (
          SELECT id FROM bulk_jobs WHERE done = count AND created_at < now() - make_interval(days => ${KEEP_DAYS}::int)
          ORDER BY created_at LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }
}
