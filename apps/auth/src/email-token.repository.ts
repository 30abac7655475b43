import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** `verify`: sent with the registration. `verify_again`: asked for. `reset`: sets a password. */
export type EmailPurpose = 'verify' | 'verify_again' | 'reset';

const OPEN_RESET = sql`purpose = 'reset' AND used_at IS NULL AND expires_at > now()`;

const hashOf = (token: string): string => hash('sha256', token, 'base64url');

/** Tokens that stand in links of mails; only their hashes are kept. */
@Injectable()
export class EmailTokenRepository {
  constructor(private readonly database: Database) {}

  async keep(transaction: Transaction, token: string, userId: string, purpose: EmailPurpose, hours: number): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO email_tokens (token_hash, user_id, purpose, expires_at)
      VALUES (${hashOf(token)}, ${userId}, ${purpose}, now() + make_interval(hours => ${hours}))`);
  }

  /** Whose address a link proves; undefined when it is no link of ours or over. */
  async userOf(token: string): Promise<string | undefined> {
    const found = await this.database.row<{ user_id: string }>(
      sql`SELECT user_id FROM email_tokens WHERE token_hash = ${hashOf(token)} AND purpose <> 'reset' AND expires_at > now()`,
    );
    return found?.user_id;
  }

  /** Whose password a link sets; undefined when it is no such link, over or used. */
  async userOfReset(token: string): Promise<string | undefined> {
    const found = await this.database.row<{ user_id: string }>(
      sql`SELECT user_id FROM email_tokens WHERE token_hash = ${hashOf(token)} AND ${OPEN_RESET}`,
    );
    return found?.user_id;
  }

  /** Uses a link up, and every other of that user with it. False when somebody else was faster. */
  async useReset(transaction: Transaction, token: string, userId: string): Promise<boolean> {
    const used = await transaction.execute(
      sql`UPDATE email_tokens SET used_at = now() WHERE token_hash = ${hashOf(token)} AND user_id = ${userId} AND ${OPEN_RESET}`,
    );
    if (used === 1) await this.closeResets(transaction, userId);
    return used === 1;
  }

  /** No link of this user sets a password any more. */
  async closeResets(transaction: Transaction, userId: string): Promise<void> {
    await transaction.execute(sql`UPDATE email_tokens SET used_at = now() WHERE user_id = ${userId} AND ${OPEN_RESET}`);
  }

  /** How many links of this purpose a user was sent in the last hour. */
  async sentWithinHour(transaction: Transaction, userId: string, purpose: EmailPurpose): Promise<number> {
    const found = await transaction.row<{ count: number }>(sql`
      SELECT count(*) AS count FROM email_tokens WHERE user_id = ${userId} AND purpose = ${purpose} AND created_at > now() - interval '1 hour'`);
    return found?.count ?? 0;
  }

  /** How long ago, in seconds, the mails of the last day were sent that this user asked for; the newest first. */
  async askedFor(transaction: Transaction, userId: string): Promise<number[]> {
    const rows = await transaction.rows<{ age: number }>(sql`
      SELECT extract(epoch FROM now() - created_at)::float8 AS age FROM email_tokens
      WHERE user_id = ${userId} AND purpose = 'verify_again' AND created_at > now() - interval '1 day' ORDER BY created_at DESC`);
    return rows.map(({ age }) => age);
  }
}
