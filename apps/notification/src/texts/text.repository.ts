import { Injectable } from '@nestjs/common';
import type { Channel, Locale } from '#libs/contracts/notification/views';
import { Database } from '#libs/persistence/database';
import { sql, when } from '#libs/persistence/sql';

export interface TextRow {
  readonly key: string;
  readonly version: number;
  readonly locale: Locale;
  readonly channel: Channel;
  readonly subject: string | null;
  readonly text: string;
  readonly html: string | null;
  readonly dlt_template_id: string | null;
  readonly active: boolean;
  /** The hash of a text that came with the service; null for one of an admin's. */
  readonly built_in: string | null;
  readonly created_at: Date;
}

export type NewText = Omit<TextRow, 'version' | 'active' | 'created_at'>;

const COLUMNS = sql`key, version, locale, channel, subject, text, html, dlt_template_id, active, built_in, created_at`;
/** Any number; who writes texts waits for who is at it. */
const LOCK = 4_202_200_014;

@Injectable()
export class TextRepository {
  constructor(private readonly database: Database) {}

  all(key?: string): Promise<TextRow[]> {
    return this.database.rows<TextRow>(
      sql`SELECT ${COLUMNS} FROM texts ${when(key !== undefined, () => sql`WHERE key = ${key}`)} ORDER BY key, version`,
    );
  }

  active(): Promise<TextRow[]> {
    return this.database.rows<TextRow>(sql`SELECT ${COLUMNS} FROM texts WHERE active`);
  }

  /** The next version of its template, in use from now on. */
  async add(text: NewText): Promise<TextRow> {
    return this.database.transaction(async (transaction) => {
      await transaction.execute(sql`SELECT pg_advisory_xact_lock(${LOCK})`);
      await transaction.execute(
        sql`UPDATE texts SET active = false WHERE key = ${text.key} AND locale = ${text.locale} AND channel = ${text.channel} AND active`,
      );
      const row = await transaction.row<TextRow>(sql`
        INSERT INTO texts (key, version, locale, channel, subject, text, html, dlt_template_id, active, built_in)
        SELECT ${text.key}::text, coalesce(max(version), 0) + 1, ${text.locale}::text, ${text.channel}::text, ${text.subject}::text,
          ${text.text}::text, ${text.html}::text, ${text.dlt_template_id}::text, true, ${text.built_in}::text
        FROM texts WHERE key = ${text.key} RETURNING ${COLUMNS}`);
      return row as TextRow;
    });
  }

  /** Undefined where there is no such version. */
  async activate(key: string, version: number): Promise<TextRow | undefined> {
    return this.database.transaction(async (transaction) => {
      await transaction.execute(sql`SELECT pg_advisory_xact_lock(${LOCK})`);
      const chosen = await transaction.row<TextRow>(sql`SELECT ${COLUMNS} FROM texts WHERE key = ${key} AND version = ${version}`);
      if (chosen === undefined) return undefined;
      const { locale, channel } = chosen;
      await transaction.execute(
        sql`UPDATE texts SET active = false WHERE key = ${key} AND locale = ${locale} AND channel = ${channel} AND active`,
      );
      return transaction.row<TextRow>(sql`UPDATE texts SET active = true WHERE key = ${key} AND version = ${version} RETURNING ${COLUMNS}`);
    });
  }

  /** Texts that come with the service and are not kept yet; each takes the place of an earlier one of the service, and not of an admin's. */
  async addBuiltIn(texts: readonly NewText[]): Promise<void> {
    await this.database.transaction(async (transaction) => {
      await transaction.execute(sql`SELECT pg_advisory_xact_lock(${LOCK})`);
      const rows = texts.map((text, place) => ({ ...text, place }));
      await transaction.execute(sql`
        WITH given AS (
          SELECT * FROM json_to_recordset(${JSON.stringify(rows)}::json) AS row (key text, locale text, channel text, subject text, text text,
            html text, dlt_template_id text, built_in text, place int)),
        missing AS (
          SELECT given.* FROM given WHERE NOT EXISTS (
            SELECT 1 FROM texts WHERE texts.key = given.key AND texts.locale = given.locale AND texts.channel = given.channel
              AND texts.built_in = given.built_in)),
        retired AS (
          UPDATE texts SET active = false FROM missing
          WHERE texts.key = missing.key AND texts.locale = missing.locale AND texts.channel = missing.channel AND texts.active
            AND texts.built_in IS NOT NULL)
        SELECT count(*) FROM missing`);
      await transaction.execute(sql`
        INSERT INTO texts (key, version, locale, channel, subject, text, html, dlt_template_id, active, built_in)
        SELECT given.key, coalesce((SELECT max(version) FROM texts WHERE texts.key = given.key), 0)
            + row_number() OVER (PARTITION BY given.key ORDER BY place),
          given.locale, given.channel, given.subject, given.text, given.html, given.dlt_template_id,
          NOT EXISTS (SELECT 1 FROM texts WHERE texts.key = given.key AND texts.locale = given.locale AND texts.channel = given.channel AND active),
          given.built_in
        FROM json_to_recordset(${JSON.stringify(rows)}::json) AS given (key text, locale text, channel text, subject text, text text,
          html text, dlt_template_id text, built_in text, place int)
        WHERE NOT EXISTS (
          SELECT 1 FROM texts WHERE texts.key = given.key AND texts.locale = given.locale AND texts.channel = given.channel
            AND texts.built_in = given.built_in)`);
    });
  }
}
