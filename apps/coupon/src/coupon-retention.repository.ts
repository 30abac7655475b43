import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import { Rounds } from '#libs/runtime/rounds';
import { retention } from '../migrations/coupon.retention.ts';

const EVERY_MS = 60 * 60_000;

/** Removes holds that no order can need any more, with their uses. */
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
          SELECT order_id FROM holds WHERE state IN ('released', 'refused') AND created_at < now() - ${retention.holds.but.ended.keptFor}::interval
          ORDER BY created_at LIMIT ${SWEEP_ROWS}
        ), uses AS (
          DELETE FROM hold_uses USING old WHERE hold_uses.order_id = old.order_id
        )
        DELETE FROM holds USING old WHERE holds.order_id = old.order_id`,
      this.database,
    );
  }
}
