import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { ReferralRow, Stage } from './referral.ts';

export interface NewReferral {
  readonly id: string;
  readonly referrerId: string;
  readonly refereeId: string;
  readonly joinedAt: string;
  readonly welcomeValue: number;
}

export interface Issued {
  readonly couponId: string;
  readonly code: string;
  readonly endsAt: string;
}

/** Referrals, from the join to the end. */
@Injectable()
export class ReferralRepository {
  constructor(private readonly database: Database) {}

  /** Joins come one after the other: who invited whom over others, who uses which device and how many came today is then as it was read. */
  async takeTurns(transaction: Transaction): Promise<void> {
    await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtext('referral joins'))`);
  }

  find(id: string): Promise<ReferralRow | undefined> {
    return this.database.row<ReferralRow>(sql`SELECT * FROM referrals WHERE id = ${id}`);
  }

  ofReferee(refereeId: string, queries: Pick<Database, 'row'> = this.database): Promise<ReferralRow | undefined> {
    return queries.row<ReferralRow>(sql`SELECT * FROM referrals WHERE referee_id = ${refereeId}`);
  }

  /** `is_ripe`: the reward's time has come. */
  async lock(transaction: Transaction, id: string): Promise<ReferralRow & { readonly is_ripe: boolean }> {
    const row = await transaction.row<ReferralRow & { readonly is_ripe: boolean }>(sql`
      SELECT *, coalesce(vests_at <= now(), false) AS is_ripe FROM referrals WHERE id = ${id} FOR UPDATE`);
    if (row === undefined) throw new Error('a referral is gone');
    return row;
  }

  /** Those of these friends who are not erased, in one order everywhere. */
  lockOfReferees(transaction: Transaction, refereeIds: readonly string[]): Promise<ReferralRow[]> {
    return transaction.rows<ReferralRow>(sql`
      SELECT * FROM referrals WHERE referee_id = ANY(${refereeIds}::uuid[])
        AND NOT EXISTS (SELECT FROM members WHERE user_id = referee_id AND is_erased)
      ORDER BY id FOR UPDATE`);
  }

  lockOpenOfReferrer(transaction: Transaction, referrerId: string): Promise<ReferralRow[]> {
    return transaction.rows<ReferralRow>(sql`
      SELECT * FROM referrals WHERE referrer_id = ${referrerId} AND stage IN ('joined', 'ordered', 'delivered') ORDER BY id FOR UPDATE`);
  }

  async insert(transaction: Transaction, { id, referrerId, refereeId, joinedAt, welcomeValue }: NewReferral): Promise<ReferralRow> {
    const row = await transaction.row<ReferralRow>(sql`
      INSERT INTO referrals (id, referrer_id, referee_id, joined_at, welcome_value)
      VALUES (${id}, ${referrerId}, ${refereeId}, ${joinedAt}, ${welcomeValue}) RETURNING *`);
    if (row === undefined) throw new Error('a row that was written is gone');
    return row;
  }

  /** Whether the one was invited by the other, or by somebody whom they invited, and so on. */
  async descends(transaction: Transaction, userId: string, fromId: string): Promise<boolean> {
    const row = await transaction.row<{ descends: boolean }>(sql`
      WITH RECURSIVE line (user_id) AS (
        SELECT referrer_id FROM referrals WHERE referee_id = ${userId}
        UNION SELECT referrer_id FROM referrals JOIN line ON referee_id = line.user_id)
      SELECT EXISTS (SELECT FROM line WHERE user_id = ${fromId}) AS descends`);
    return row?.descends === true;
  }

  /** Friends who joined by this referrer on the day in India of that moment. */
  async joinsOnDayOf(transaction: Transaction, referrerId: string, at: string): Promise<number> {
    const row = await transaction.row<{ joins: number }>(sql`
      SELECT count(*)::int AS joins FROM referrals,
        (SELECT date_trunc('day', ${at}::timestamptz, 'Asia/Kolkata') AS begins) AS day
      WHERE referrer_id = ${referrerId} AND joined_at >= begins AND joined_at < begins + interval '24 hours'`);
    return row?.joins ?? 0;
  }

  /** To be called with the referral locked. */
  async stand(
    transaction: Transaction,
    id: string,
    { stage, orderId, vestsAt }: { stage: Stage; orderId: string | null; vestsAt: Date | null },
  ): Promise<void> {
    await transaction.execute(sql`UPDATE referrals SET stage = ${stage}, order_id = ${orderId}, vests_at = ${vestsAt} WHERE id = ${id}`);
  }

  noteOrdered(transaction: Transaction, id: string): void {
    transaction.send(sql`UPDATE referrals SET has_ordered = true WHERE id = ${id} AND NOT has_ordered`);
  }

  async end(transaction: Transaction, id: string, stage: 'rewarded' | 'capped' | 'cancelled'): Promise<void> {
    await transaction.execute(sql`UPDATE referrals SET stage = ${stage}, is_held = false WHERE id = ${id}`);
  }

  async noteChecked(transaction: Transaction, id: string, orderId: string): Promise<void> {
    await transaction.execute(sql`UPDATE referrals SET checked_order_id = ${orderId} WHERE id = ${id}`);
  }

  /** The first that is noted stands. */
  async noteWelcome(transaction: Transaction, id: string, { couponId, code, endsAt }: Issued): Promise<void> {
    await transaction.execute(sql`
      UPDATE referrals SET welcome_coupon_id = ${couponId}, welcome_code = ${code}, welcome_ends_at = ${endsAt}
      WHERE id = ${id} AND welcome_coupon_id IS NULL`);
  }
}
