import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface PasskeyRow {
  readonly id: string;
  readonly user_id: string;
  readonly credential_id: string;
  readonly public_key: Buffer;
  readonly counter: number;
  readonly transports: string[];
  readonly name: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

export type PasskeyPurpose = 'enrol' | 'sign_in';

export const PASSKEY_SECONDS = 300;

const hashOf = (challenge: string): string => hash('sha256', challenge, 'base64url');

/** Public keys of passkeys, and what authenticators were asked to sign. */
@Injectable()
export class PasskeyRepository {
  constructor(private readonly database: Database) {}

  list(userId: string): Promise<PasskeyRow[]> {
    return this.database.rows<PasskeyRow>(sql`SELECT * FROM passkeys WHERE user_id = ${userId} ORDER BY id LIMIT 100`);
  }

  async has(queries: Pick<Database, 'row'>, userId: string): Promise<boolean> {
    return (await queries.row(sql`SELECT 1 FROM passkeys WHERE user_id = ${userId} LIMIT 1`)) !== undefined;
  }

  byCredential(credentialId: string): Promise<PasskeyRow | undefined> {
    return this.database.row<PasskeyRow>(sql`SELECT * FROM passkeys WHERE credential_id = ${credentialId}`);
  }

  /** Undefined when the user has `most` already; the transaction holds the user alone. Fails on `passkeys_credential_id_key` when it is known. */
  add(
    transaction: Transaction,
    most: number,
    key: { userId: string; credentialId: string; publicKey: Buffer; counter: number; transports: readonly string[]; name: string },
  ): Promise<PasskeyRow | undefined> {
    return transaction.row<PasskeyRow>(sql`
      INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, name)
      SELECT ${uuidv7()}::uuid, ${key.userId}::uuid, ${key.credentialId}::text, ${key.publicKey}::bytea, ${key.counter}::bigint, ${key.transports}::text[], ${key.name}::text
      WHERE (SELECT count(*) FROM passkeys WHERE user_id = ${key.userId}) < ${most} RETURNING *`);
  }

  /** False when its counter has not risen since: two have the same key. Authenticators that do not count say 0. */
  async use(transaction: Transaction, id: string, counter: number): Promise<boolean> {
    const used = await transaction.execute(sql`
      UPDATE passkeys SET counter = ${counter}, last_used_at = now()
      WHERE id = ${id} AND (counter < ${counter} OR (counter = 0 AND ${counter} = 0))`);
    return used === 1;
  }

  rename(userId: string, id: string, name: string): Promise<PasskeyRow | undefined> {
    return this.database.row<PasskeyRow>(sql`UPDATE passkeys SET name = ${name} WHERE id = ${id} AND user_id = ${userId} RETURNING *`);
  }

  async remove(transaction: Transaction, userId: string, id: string): Promise<boolean> {
    return (await transaction.execute(sql`DELETE FROM passkeys WHERE id = ${id} AND user_id = ${userId}`)) === 1;
  }

  /** Whether there were any. */
  async removeAll(transaction: Transaction, userId: string): Promise<boolean> {
    return (await transaction.execute(sql`DELETE FROM passkeys WHERE user_id = ${userId}`)) > 0;
  }

  async ask(challenge: string, purpose: PasskeyPurpose, userId: string | undefined): Promise<void> {
    await this.database.execute(sql`
      INSERT INTO passkey_challenges (challenge_hash, purpose, user_id, expires_at)
      VALUES (${hashOf(challenge)}, ${purpose}, ${userId ?? null}, now() + make_interval(secs => ${PASSKEY_SECONDS}::float8))`);
  }

  /** Uses a challenge up. Undefined when it was not ours, is over or was used. */
  takeChallenge(challenge: string, purpose: PasskeyPurpose): Promise<{ user_id: string | null } | undefined> {
    return this.database.row<{ user_id: string | null }>(sql`
      DELETE FROM passkey_challenges WHERE challenge_hash = ${hashOf(challenge)} AND purpose = ${purpose} AND expires_at > now() RETURNING user_id`);
  }
}
