import { Injectable } from '@nestjs/common';
import type { TrendWindow } from '#libs/contracts/product/trending';
import { Database } from '#libs/persistence/database';
import { type Sql, sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** Interests that are counted in one transaction. */
const BATCH = 2_000;
/** Any number: who counts does so alone, because a level is made of all hours of its product. */
const COUNT_LOCK = 4_202_200_103;
const WEIGHT = sql`(CASE kind WHEN 'sale' THEN 6 WHEN 'add' THEN 3 ELSE 1 END)`;
/** Seconds in which an interest loses half of its weight. */
const DAY_HALF_LIFE = 6 * 3_600;
const WEEK_HALF_LIFE = 42 * 3_600;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/**
 * How far ahead of others a product is. A person's interest of one kind counts once, in the hour in which it was last; hours add up to levels.
 * All of it can be made again from `interests`.
 */
@Injectable()
export class TrendRepository {
  constructor(private readonly database: Database) {}

  /** The cards (JSON) of the products that people look at, the most first. */
  async cards(window: TrendWindow, limit: number): Promise<string[]> {
    const level = window === '24h' ? sql`t.day_level` : sql`t.week_level`;
    const rows = await this.database.rows<{ card: string }>(sql`
      SELECT cards.card FROM trends t JOIN products p ON p.id = t.product_id JOIN product_cards cards ON cards.product_id = t.product_id
      WHERE ${level} IS NOT NULL AND p.listed ORDER BY ${level} DESC, t.product_id LIMIT ${limit}`);
    return rows.map(({ card }) => card);
  }

  /** Counts what is new, as far as a batch takes it. Answers whether there may be more. */
  count(): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      await tx.execute(sql`SELECT pg_advisory_xact_lock(${COUNT_LOCK}::bigint)`);
      const touched = await tx.rows<{ id: string; taken: number }>(sql`
        WITH taken AS MATERIALIZED (
          SELECT product_id, person, kind, hour, counted_hour FROM interests WHERE counted_hour IS DISTINCT FROM hour
          ORDER BY product_id, person, kind LIMIT ${BATCH} FOR UPDATE
        ), erased AS (
          DELETE FROM interests i USING taken t JOIN erased_people e ON e.user_id = t.person
          WHERE i.product_id = t.product_id AND i.person = t.person AND i.kind = t.kind RETURNING i.person
        ), living AS MATERIALIZED (
          SELECT * FROM taken WHERE person NOT IN (SELECT user_id FROM erased_people)
        ), counted AS (
          UPDATE interests i SET counted_hour = t.hour FROM living t
          WHERE i.product_id = t.product_id AND i.person = t.person AND i.kind = t.kind
        ), changes AS (
          SELECT product_id, hour, ${WEIGHT} AS weight FROM living
          UNION ALL SELECT product_id, counted_hour, -${WEIGHT} FROM living WHERE counted_hour IS NOT NULL
        ), added AS (
          INSERT INTO interest_hours AS kept (product_id, hour, weight)
          SELECT product_id, hour, sum(weight) FROM changes GROUP BY product_id, hour ORDER BY product_id, hour
          ON CONFLICT (product_id, hour) DO UPDATE SET weight = kept.weight + excluded.weight
        )
        SELECT DISTINCT product_id AS id, (SELECT count(*) FROM taken) AS taken FROM living ORDER BY id`);
      await this.level(
        tx,
        touched.map(({ id }) => id),
      );
      return (touched[0]?.taken ?? 0) === BATCH;
    });
  }

  /** Makes the hours and levels of these products again, from what is known of people. */
  async rebuild(tx: Transaction, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${COUNT_LOCK}::bigint)`);
    await tx.execute(sql`DELETE FROM interest_hours WHERE product_id = ANY(${ids}::uuid[])`);
    await tx.execute(
      sql`UPDATE interests SET counted_hour = hour WHERE product_id = ANY(${ids}::uuid[]) AND counted_hour IS DISTINCT FROM hour`,
    );
    await tx.execute(sql`
      INSERT INTO interest_hours (product_id, hour, weight)
      SELECT product_id, hour, sum(${WEIGHT}) FROM interests WHERE product_id = ANY(${ids}::uuid[]) GROUP BY product_id, hour`);
    await this.level(tx, ids);
  }

  /** Levels of all products, without the hours that a window has passed. */
  async pass(): Promise<void> {
    for (let last: string | undefined = BEFORE_ALL; last !== undefined; ) {
      const from: string = last;
      last = await this.database.transaction(async (tx) => {
        await tx.execute(sql`SELECT pg_advisory_xact_lock(${COUNT_LOCK}::bigint)`);
        const rows = await tx.rows<{ id: string }>(
          sql`SELECT product_id AS id FROM trends WHERE product_id > ${from} ORDER BY product_id LIMIT ${BATCH}`,
        );
        await this.level(
          tx,
          rows.map(({ id }) => id),
        );
        return rows.at(-1)?.id;
      });
    }
    await this.database.execute(sql`DELETE FROM trends WHERE week_level IS NULL`);
  }

  private async level(tx: Transaction, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await tx.execute(sql`
      INSERT INTO trends (product_id, day_level, week_level)
      SELECT wanted.id, ${levelOf(sql`interval '24 hours'`, DAY_HALF_LIFE)}, ${levelOf(sql`interval '7 days'`, WEEK_HALF_LIFE)}
      FROM unnest(${ids}::uuid[]) AS wanted (id)
      LEFT JOIN interest_hours h ON h.product_id = wanted.id AND h.weight > 0 AND h.hour > now() - interval '7 days'
      GROUP BY wanted.id ORDER BY wanted.id
      ON CONFLICT (product_id) DO UPDATE SET day_level = excluded.day_level, week_level = excluded.week_level`);
  }
}

/**
 * Null where the window has nothing. Added up in the order of hours and rounded, so that what is alike stays alike whenever it is reckoned, and
 * the order of ids decides.
 */
const levelOf = (window: Sql, halfLife: number): Sql => sql`
  round((extract(epoch FROM date_trunc('hour', now()))::float8 / ${halfLife}::float8
    + ln(sum(h.weight * power(2::float8, extract(epoch FROM h.hour - date_trunc('hour', now()))::float8 / ${halfLife}::float8) ORDER BY h.hour)
      FILTER (WHERE h.hour > now() - ${window})) / ln(2::float8))::numeric, 8)::float8`;
