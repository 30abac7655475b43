import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { Entry } from './ledger.repository.ts';
import type { Issued } from './referral.repository.ts';

export type CouponState = 'due' | 'given' | 'withdrawing' | 'withdrawn' | 'used';

export interface RewardCouponRow {
  readonly id: string;
  readonly referrer_id: string;
  readonly entry_id: string;
  readonly amount: number;
  readonly state: CouponState;
  readonly coupon_id: string | null;
}

const ROW = sql`id, referrer_id, entry_id, amount, state, coupon_id`;

/** Coupons that rewards are given as, from when they are due to when they are given or withdrawn. */
@Injectable()
export class RewardCouponRepository {
  constructor(private readonly database: Database) {}

  async owe(transaction: Transaction, { id, referrer_id }: Entry, amount: number): Promise<string> {
    const couponId = uuidv7();
    await transaction.execute(sql`
      INSERT INTO reward_coupons (id, referrer_id, entry_id, amount) VALUES (${couponId}, ${referrer_id}, ${id}, ${amount})`);
    return couponId;
  }

  /** The reward is taken back: what nobody has asked for yet is withdrawn by that, the others are to be. Answers those. */
  async revoke(transaction: Transaction, entryId: string): Promise<string[]> {
    const rows = await transaction.rows<{ id: string; state: CouponState }>(sql`
      UPDATE reward_coupons SET state = CASE WHEN state = 'due' AND NOT was_asked_for THEN 'withdrawn' ELSE 'withdrawing' END
      WHERE entry_id = ${entryId} AND state IN ('due', 'given') RETURNING id, state`);
    return rows.filter(({ state }) => state === 'withdrawing').map(({ id }) => id);
  }

  /** Notes that the coupon service is being asked for it, before it is. */
  takeUp(id: string): Promise<RewardCouponRow | undefined> {
    return this.database.row<RewardCouponRow>(sql`UPDATE reward_coupons SET was_asked_for = true WHERE id = ${id} RETURNING ${ROW}`);
  }

  /** True the first time, for one that was not taken back meanwhile. */
  async noteIssued(transaction: Transaction, id: string, { couponId, code, endsAt }: Issued): Promise<boolean> {
    const before = await transaction.row<{ state: CouponState }>(sql`SELECT state FROM reward_coupons WHERE id = ${id} FOR UPDATE`);
    await transaction.execute(sql`
      UPDATE reward_coupons SET coupon_id = ${couponId}, code = ${code}, ends_at = ${endsAt}, state = CASE WHEN state = 'due' THEN 'given' ELSE state END
      WHERE id = ${id}`);
    return before?.state === 'due';
  }

  async noteWithdrawn(transaction: Transaction, id: string, state: 'withdrawn' | 'used'): Promise<void> {
    await transaction.execute(sql`UPDATE reward_coupons SET state = ${state} WHERE id = ${id} AND state = 'withdrawing'`);
  }
}
