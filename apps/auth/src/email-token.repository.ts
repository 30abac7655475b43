import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';

/** Tokens that stand in links of mails; only their hashes are kept. */
@Injectable()
export class EmailTokenRepository {
  constructor(private readonly database: Database) {}

  async keep(transaction: Transaction, token: string, userId: string, hours: number): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO email_tokens (token_hash, user_id, purpose, expires_at)
      VALUES (${hash('sha256', token, 'base64url')}, ${userId}, 'verify', now() + make_interval(hours => ${hours}))`);
  }

  /** A day after a link is over. */
  forgetPast(): Promise<number> {
    return inBatches(
      sql`
        DELETE FROM email_tokens WHERE token_hash IN (
          SELECT token_hash FROM email_tokens WHERE expires_at < now() - interval '1 day' LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }
}
