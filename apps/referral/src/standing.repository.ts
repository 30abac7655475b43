import { Injectable } from '@nestjs/common';
import type { RewardEntry, RewardPage } from '#libs/contracts/referral/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { type Sql, sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { Stage } from './referral.ts';

export interface FriendRow {
  readonly id: string;
  readonly referee_id: string;
  readonly joined_at: Date;
  readonly stage: Stage;
  readonly is_held: boolean;
}

interface EntryRow {
  readonly id: string;
  readonly referral_id: string;
  readonly kind: 'reward' | 'reversal';
  readonly amount: number;
  readonly made_at: Date;
  readonly code: string | null;
  readonly ends_at: Date | null;
}

export interface Figures {
  readonly code: string | null;
  /** Rewards less reversals. */
  readonly used: number;
  readonly invited: number;
  readonly joined: number;
  readonly ordered: number;
  readonly rewarded: number;
  readonly capped: number;
  readonly cancelled: number;
  readonly earned: number;
}

/** What a referrer sees. All of it is counted as it is asked for, at one moment. */
@Injectable()
export class StandingRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  async figures(userId: string): Promise<Figures> {
    const row = await this.database.row<Figures>(sql`
      SELECT (SELECT code FROM members WHERE user_id = ${userId}), coalesce((SELECT rewards FROM members WHERE user_id = ${userId}), 0) AS used,
        (SELECT count(*)::int FROM visits WHERE referrer_id = ${userId}) AS invited, counted.*, ${earnedOf(userId)} AS earned
      FROM (SELECT ${countedStages} FROM referrals WHERE referrer_id = ${userId}) AS counted`);
    if (row === undefined) throw new Error('a count has no row');
    return row;
  }

  /** Newest first. */
  async friends(userId: string, limit: number, cursor: string | undefined): Promise<{ items: FriendRow[]; nextCursor: string | null }> {
    const list = `friends of ${userId}`;
    const [joinedAt, id] = cursor === undefined ? [] : this.cursors.decode(cursor, list);
    const rows = await this.database.rows<FriendRow>(sql`
      SELECT id, referee_id, joined_at, stage, is_held FROM referrals WHERE referrer_id = ${userId}
        ${when(cursor !== undefined, () => sql`AND (joined_at, id) < (${joinedAt}::timestamptz, ${id}::uuid)`)}
      ORDER BY joined_at DESC, id DESC LIMIT ${limit + 1}`);
    return pageOf(rows, limit, (last) => this.cursors.encode([last.joined_at.toISOString(), last.id], list));
  }

  /** Newest first, with the balance of the same moment. */
  async rewards(userId: string, limit: number, cursor: string | undefined): Promise<RewardPage> {
    const list = `rewards of ${userId}`;
    const before = cursor === undefined ? undefined : this.cursors.decode(cursor, list)[0];
    return this.database.transaction(
      async (transaction) => {
        const rows = await transaction.rows<EntryRow>(sql`
          SELECT entries.id, referral_id, kind, entries.amount, entries.made_at, coupon.code, coupon.ends_at FROM entries
          LEFT JOIN LATERAL (
            SELECT code, ends_at FROM reward_coupons WHERE entry_id = entries.id AND code IS NOT NULL ORDER BY id LIMIT 1) AS coupon ON true
          WHERE referrer_id = ${userId} ${when(before !== undefined, () => sql`AND entries.id < ${before}::uuid`)}
          ORDER BY entries.id DESC LIMIT ${limit + 1}`);
        const { items, nextCursor } = pageOf(rows, limit, ({ id }) => this.cursors.encode([id], list));
        return { items: items.map(entryOf), nextCursor, balance: await this.balance(transaction, userId) };
      },
      { isolation: 'REPEATABLE READ' },
    );
  }

  /** Entries less the coupons that were given and not withdrawn. */
  private async balance(transaction: Transaction, userId: string): Promise<number> {
    const row = await transaction.row<{ balance: number }>(sql`
      SELECT ${earnedOf(userId)} - coalesce((
        SELECT sum(amount) FROM reward_coupons WHERE referrer_id = ${userId} AND state IN ('given', 'withdrawing', 'used')), 0)::bigint AS balance`);
    return row?.balance ?? 0;
  }
}

const earnedOf = (userId: string): Sql => sql`coalesce((SELECT sum(amount) FROM entries WHERE referrer_id = ${userId}), 0)::bigint`;

export const countedStages = sql`count(*)::int AS joined, (count(*) FILTER (WHERE has_ordered))::int AS ordered,
  (count(*) FILTER (WHERE stage = 'rewarded'))::int AS rewarded, (count(*) FILTER (WHERE stage = 'capped'))::int AS capped,
  (count(*) FILTER (WHERE stage = 'cancelled'))::int AS cancelled`;

const entryOf = ({ id, referral_id, kind, amount, made_at, code, ends_at }: EntryRow): RewardEntry => ({
  ...{ id, referralId: referral_id, kind, amount },
  ...(code === null || ends_at === null ? {} : { coupon: { code, endsAt: ends_at.toISOString() } }),
  at: made_at.toISOString(),
});
