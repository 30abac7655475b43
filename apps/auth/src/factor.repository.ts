import { hash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface Authenticator {
  readonly sealed_secret: string;
  readonly is_active: boolean;
}

export const CHALLENGE_SECONDS = 300;
const CHALLENGE_TRIES = 5;

const hashOf = (token: string): string => hash('sha256', token, 'base64url');

/** Authenticators, their recovery codes, and who stands between the first factor and the second. */
@Injectable()
export class FactorRepository {
  constructor(private readonly database: Database) {}

  /** False when there is one already that is in use. */
  async enrol(transaction: Transaction, userId: string, sealedSecret: string, recoveryHashes: readonly string[]): Promise<boolean> {
    const kept = await transaction.execute(sql`
      INSERT INTO authenticators (user_id, sealed_secret) VALUES (${userId}, ${sealedSecret})
      ON CONFLICT (user_id) DO UPDATE SET sealed_secret = excluded.sealed_secret, last_step = 0, created_at = now() WHERE authenticators.active_at IS NULL`);
    if (kept === 0) return false;
    await transaction.execute(sql`DELETE FROM recovery_codes WHERE user_id = ${userId}`);
    await transaction.execute(sql`
      INSERT INTO recovery_codes (user_id, code_hash) SELECT ${userId}::uuid, code_hash FROM unnest(${recoveryHashes}::text[]) AS row (code_hash)`);
    return true;
  }

  of(queries: Pick<Database, 'row'>, userId: string): Promise<Authenticator | undefined> {
    return queries.row<Authenticator>(
      sql`SELECT sealed_secret, active_at IS NOT NULL AS is_active FROM authenticators WHERE user_id = ${userId}`,
    );
  }

  async isActive(queries: Pick<Database, 'row'>, userId: string): Promise<boolean> {
    return (await this.of(queries, userId))?.is_active === true;
  }

  /** Uses up the codes of this step and of those before it; false when that was done already. */
  async useStep(transaction: Transaction, userId: string, step: number): Promise<boolean> {
    return (
      (await transaction.execute(sql`UPDATE authenticators SET last_step = ${step} WHERE user_id = ${userId} AND last_step < ${step}`)) ===
      1
    );
  }

  async activate(transaction: Transaction, userId: string): Promise<boolean> {
    return (
      (await transaction.execute(sql`UPDATE authenticators SET active_at = now() WHERE user_id = ${userId} AND active_at IS NULL`)) === 1
    );
  }

  /** Whether there was one. */
  async remove(transaction: Transaction, userId: string): Promise<boolean> {
    return (await transaction.execute(sql`DELETE FROM authenticators WHERE user_id = ${userId}`)) === 1;
  }

  /** False when there is no such code, or it was used. */
  async useRecoveryCode(transaction: Transaction, userId: string, hashes: readonly string[]): Promise<boolean> {
    const used = await transaction.execute(
      sql`UPDATE recovery_codes SET used_at = now() WHERE user_id = ${userId} AND code_hash = ANY(${hashes}::text[]) AND used_at IS NULL`,
    );
    return used > 0;
  }

  /** What somebody shows who has given their first factor. */
  async challenge(transaction: Transaction, userId: string, firstProof: string): Promise<string> {
    const token = randomBytes(24).toString('base64url');
    await transaction.execute(sql`
      INSERT INTO factor_challenges (token_hash, user_id, first_proof, expires_at)
      VALUES (${hashOf(token)}, ${userId}, ${firstProof}, now() + make_interval(secs => ${CHALLENGE_SECONDS}::float8))`);
    return token;
  }

  /** Who stands before their second factor; undefined when nobody does any more. */
  async challenged(token: string): Promise<string | undefined> {
    const found = await this.database.row<{ user_id: string }>(
      sql`SELECT user_id FROM factor_challenges WHERE token_hash = ${hashOf(token)} AND expires_at > now() AND tries < ${CHALLENGE_TRIES}`,
    );
    return found?.user_id;
  }

  /** Counts a try. Undefined when the challenge is over, used or tried too often. */
  tryChallenge(transaction: Transaction, token: string): Promise<{ user_id: string; first_proof: string } | undefined> {
    return transaction.row(sql`
      UPDATE factor_challenges SET tries = tries + 1
      WHERE token_hash = ${hashOf(token)} AND expires_at > now() AND tries < ${CHALLENGE_TRIES} RETURNING user_id, first_proof`);
  }

  async endChallenge(transaction: Transaction, token: string): Promise<void> {
    await transaction.execute(sql`DELETE FROM factor_challenges WHERE token_hash = ${hashOf(token)}`);
  }

  /** The first factor has changed. */
  async endChallengesOf(transaction: Transaction, userId: string): Promise<void> {
    await transaction.execute(sql`DELETE FROM factor_challenges WHERE user_id = ${userId}`);
  }
}
