import { Injectable } from '@nestjs/common';
import type { ReferralDay } from '#libs/contracts/referral/views';
import { Database } from '#libs/persistence/database';
import { type Sql, sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { countedStages } from './standing.repository.ts';

/** Days in India, both inclusive. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

export interface TopRow {
  readonly user_id: string;
  readonly joined: number;
  readonly rewarded: number;
  readonly earned: number;
}

export interface Programme {
  /** Paise. */
  readonly spent: number;
  /** That wait for a decision. */
  readonly holds: number;
}

const TOP = 10;
const ZONE = sql`'Asia/Kolkata'`;
const dayOf = (column: Sql): Sql => sql`(${column} AT TIME ZONE ${ZONE})::date`;
const within = (column: Sql, { from, to }: Span): Sql =>
  sql`${column} >= ${from}::date::timestamp AT TIME ZONE ${ZONE} AND ${column} < (${to}::date + 1)::timestamp AT TIME ZONE ${ZONE}`;

/** Figures of the whole programme, counted as they are asked for. */
@Injectable()
export class AnalysisRepository {
  constructor(private readonly database: Database) {}

  /** All of one moment. */
  of(span: Span): Promise<{ days: ReferralDay[]; top: TopRow[]; programme: Programme }> {
    return this.database.transaction(
      async (transaction) => ({
        days: await this.days(transaction, span),
        top: await this.top(transaction, span),
        programme: await this.programme(transaction),
      }),
      { isolation: 'REPEATABLE READ' },
    );
  }

  async programme(queries: Pick<Database, 'row'> = this.database): Promise<Programme> {
    const row = await queries.row<Programme>(sql`
      SELECT spent, (SELECT count(*)::int FROM holds WHERE status = 'held') AS holds FROM programme`);
    if (row === undefined) throw new Error('the programme has no row');
    return row;
  }

  private days(transaction: Transaction, span: Span): Promise<ReferralDay[]> {
    return transaction.rows<ReferralDay>(sql`
      WITH joins AS (
        SELECT ${dayOf(sql`joined_at`)} AS day, ${countedStages} FROM referrals WHERE ${within(sql`joined_at`, span)} GROUP BY 1
      ), visited AS (
        SELECT ${dayOf(sql`first_at`)} AS day, count(*)::int AS visits FROM visits WHERE ${within(sql`first_at`, span)} GROUP BY 1
      ), paid AS (
        SELECT ${dayOf(sql`made_at`)} AS day, sum(amount)::bigint AS earned FROM entries WHERE ${within(sql`made_at`, span)} GROUP BY 1)
      SELECT to_char(days.day, 'YYYY-MM-DD') AS date, coalesce(visits, 0) AS visits, coalesce(joined, 0) AS joined, coalesce(ordered, 0) AS ordered,
        coalesce(rewarded, 0) AS rewarded, coalesce(capped, 0) AS capped, coalesce(cancelled, 0) AS cancelled, coalesce(earned, 0) AS earned
      FROM (SELECT day::date FROM generate_series(${span.from}::date::timestamp, ${span.to}::date::timestamp, interval '1 day') AS day) AS days
        LEFT JOIN joins ON joins.day = days.day LEFT JOIN visited ON visited.day = days.day LEFT JOIN paid ON paid.day = days.day
      ORDER BY days.day`);
  }

  /** By rewards, then by friends. */
  private top(transaction: Transaction, span: Span): Promise<TopRow[]> {
    return transaction.rows<TopRow>(sql`
      WITH joins AS (
        SELECT referrer_id, count(*)::int AS joined, (count(*) FILTER (WHERE stage = 'rewarded'))::int AS rewarded
        FROM referrals WHERE ${within(sql`joined_at`, span)} GROUP BY 1
      ), paid AS (
        SELECT referrer_id, sum(amount)::bigint AS earned FROM entries WHERE ${within(sql`made_at`, span)} GROUP BY 1)
      SELECT referrer_id AS user_id, coalesce(joined, 0) AS joined, coalesce(rewarded, 0) AS rewarded, coalesce(earned, 0) AS earned
      FROM joins FULL JOIN paid USING (referrer_id) ORDER BY rewarded DESC, earned DESC, joined DESC, referrer_id LIMIT ${TOP}::int`);
  }
}
