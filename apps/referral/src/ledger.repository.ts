import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface Entry {
  readonly id: string;
  readonly referrer_id: string;
  readonly referral_id: string;
  readonly amount: number;
}

export interface Limits {
  /** Rewards of one referrer. */
  readonly cap: number;
  /** Paise of all of them. */
  readonly budget: number;
}

const ENTRY = sql`id, referrer_id, referral_id, amount`;

/** Rewards, reversals, and the room that is left for more. To be called with the referrer held (`MemberRepository.hold`). */
@Injectable()
export class LedgerRepository {
  /** Takes room for a reward, all of it or none: first of the referrer's own, then of everybody's. */
  async takeRoom(transaction: Transaction, referrerId: string, amount: number, { cap, budget }: Limits): Promise<boolean> {
    const own = await transaction.execute(sql`
      UPDATE members SET rewards = rewards + 1 WHERE user_id = ${referrerId} AND rewards < ${cap}::int`);
    if (own === 0) return false;
    const all = await transaction.execute(sql`
      UPDATE programme SET spent = spent + ${amount}::bigint WHERE spent + ${amount}::bigint <= ${budget}::bigint`);
    if (all === 1) return true;
    await transaction.execute(sql`UPDATE members SET rewards = rewards - 1 WHERE user_id = ${referrerId}`);
    return false;
  }

  async reward(transaction: Transaction, referral: { id: string; referrer_id: string }, amount: number): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO entries (id, referrer_id, referral_id, kind, amount)
      VALUES (${uuidv7()}, ${referral.referrer_id}, ${referral.id}, 'reward', ${amount})`);
  }

  find(transaction: Transaction, id: string): Promise<Entry | undefined> {
    return transaction.row<Entry>(sql`SELECT ${ENTRY} FROM entries WHERE id = ${id}`);
  }

  /** Answers the reward that is taken back, and gives its room back; undefined where it was taken back before. */
  async reverse(transaction: Transaction, referralId: string): Promise<Entry | undefined> {
    const reward = await transaction.row<Entry>(sql`
      SELECT ${ENTRY} FROM entries WHERE referral_id = ${referralId} AND kind = 'reward'`);
    if (reward === undefined) return undefined;
    const entered = await transaction.execute(sql`
      INSERT INTO entries (id, referrer_id, referral_id, kind, amount)
      VALUES (${uuidv7()}, ${reward.referrer_id}, ${referralId}, 'reversal', ${-reward.amount}) ON CONFLICT DO NOTHING`);
    if (entered === 0) return undefined;
    await transaction.execute(sql`UPDATE members SET rewards = rewards - 1 WHERE user_id = ${reward.referrer_id}`);
    await transaction.execute(sql`UPDATE programme SET spent = spent - ${reward.amount}::bigint`);
    return reward;
  }

  /** What the referrer has earned and has no coupon for, neither given nor under way; below 0 where coupons were used whose reward was taken back. */
  async balance(transaction: Transaction, referrerId: string): Promise<number> {
    const row = await transaction.row<{ balance: number }>(sql`
      SELECT (coalesce((SELECT sum(amount) FROM entries WHERE referrer_id = ${referrerId}), 0)
        - coalesce((SELECT sum(amount) FROM reward_coupons WHERE referrer_id = ${referrerId} AND state <> 'withdrawn'), 0))::bigint AS balance`);
    return row?.balance ?? 0;
  }

  /** The newest reward that stands, one without a coupon before the others: what a balance is given for. */
  async newestReward(transaction: Transaction, referrerId: string): Promise<Entry | undefined> {
    return transaction.row<Entry>(sql`
      SELECT ${ENTRY} FROM entries reward WHERE referrer_id = ${referrerId} AND kind = 'reward'
        AND NOT EXISTS (SELECT FROM entries WHERE referral_id = reward.referral_id AND kind = 'reversal')
      ORDER BY EXISTS (SELECT FROM reward_coupons WHERE entry_id = reward.id), id DESC LIMIT 1`);
  }
}
