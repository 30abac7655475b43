import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Revocation } from '#libs/contracts/auth/messages';
import type { Call } from '#libs/contracts/call';
import { BusClient } from '#libs/messaging/bus-client';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { SWEEP_ROWS } from '#libs/persistence/sweep';
import type { Transaction } from '#libs/persistence/transaction';

export interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly generation: number;
  readonly salt: string;
  readonly device: string;
  readonly ip: string;
  readonly created_at: Date;
  readonly last_seen_at: Date;
  readonly ended_at: Date | null;
  /** Whether a second factor was proved in it. */
  readonly is_strong: boolean;
}

/** Days without a refresh, and in all, after which a session is over. */
const IDLE_DAYS = 30;
const LONGEST_DAYS = 180;
/** Open ones of an account: more than anybody has devices. */
export const MOST_SESSIONS = 50;
/** Seconds in which a refresh may be repeated: the answer was lost, or two tabs asked at once. */
const REPEAT_SECONDS = 10;
/** Longer than any access token lives. */
const REVOCATION_MINUTES = 20;
/** Milliseconds by which the bus clocks of two replicas may differ, with room to spare. */
const CLOCK_MARGIN_MS = 100;

/** What a session is recognised by in the list of devices. */
export const clientOf = ({ client }: Call): { device: string; ip: string } => ({
  device: (client?.agent ?? '').slice(0, 200),
  ip: client?.ip ?? '',
});

@Injectable()
export class SessionRepository {
  constructor(
    private readonly database: Database,
    private readonly bus: BusClient,
  ) {}

  async create(
    queries: Pick<Database, 'row'>,
    { userId, device, ip, isStrong }: { userId: string; device: string; ip: string; isStrong: boolean },
  ): Promise<SessionRow> {
    return (await queries.row<SessionRow>(sql`
      INSERT INTO sessions (id, user_id, salt, device, ip, is_strong)
      VALUES (${uuidv7()}, ${userId}, ${randomBytes(16).toString('base64url')}, ${device}, ${ip}, ${isStrong}) RETURNING *`)) as SessionRow;
  }

  byId(id: string): Promise<SessionRow | undefined> {
    return this.database.row<SessionRow>(sql`SELECT * FROM sessions WHERE id = ${id}`);
  }

  /** An open session, unchanged until the transaction ends: no refresh comes in between. */
  holdOpen(transaction: Transaction, id: string): Promise<SessionRow | undefined> {
    return transaction.row<SessionRow>(sql`SELECT * FROM sessions WHERE id = ${id} AND ended_at IS NULL FOR UPDATE`);
  }

  async strengthen(transaction: Transaction, id: string): Promise<void> {
    await transaction.execute(sql`UPDATE sessions SET is_strong = true WHERE id = ${id}`);
  }

  async isStrong(queries: Pick<Database, 'row'>, id: string): Promise<boolean> {
    return (await queries.row(sql`SELECT 1 FROM sessions WHERE id = ${id} AND is_strong AND ended_at IS NULL`)) !== undefined;
  }

  /** The family with the next generation: made now, or made a moment ago from the same token. Undefined for any other generation. */
  async rotate(transaction: Transaction, id: string, generation: number, ip: string): Promise<SessionRow | undefined> {
    const rotated = await transaction.row<SessionRow>(sql`
      UPDATE sessions SET generation = generation + 1, rotated_at = now(), last_seen_at = now(), ip = ${ip}
      WHERE id = ${id} AND generation = ${generation} AND ended_at IS NULL
        AND last_seen_at > now() - make_interval(days => ${IDLE_DAYS}) AND created_at > now() - make_interval(days => ${LONGEST_DAYS}) RETURNING *`);
    return (
      rotated ??
      (await transaction.row<SessionRow>(sql`
        SELECT * FROM sessions WHERE id = ${id} AND generation = ${generation + 1} AND ended_at IS NULL AND rotated_at > now() - make_interval(secs => ${REPEAT_SECONDS}::float8)`))
    );
  }

  ofUser(userId: string): Promise<SessionRow[]> {
    return this.database.rows<SessionRow>(sql`
      SELECT * FROM sessions WHERE user_id = ${userId} AND ended_at IS NULL AND last_seen_at > now() - make_interval(days => ${IDLE_DAYS}) ORDER BY last_seen_at DESC LIMIT 100`);
  }

  /** Ends one session of a user, or all; answers the revocations that other processes must hear of. */
  async end(transaction: Transaction, userId: string, sessionId: string | 'all'): Promise<Revocation[]> {
    const ended = await transaction.rows<{ id: string }>(
      sessionId === 'all'
        ? sql`UPDATE sessions SET ended_at = now() WHERE user_id = ${userId} AND ended_at IS NULL RETURNING id`
        : sql`UPDATE sessions SET ended_at = now() WHERE user_id = ${userId} AND id = ${sessionId} AND ended_at IS NULL RETURNING id`,
    );
    return this.cutOff(transaction, ended);
  }

  /** Ends all sessions of a user but this one. */
  async endOthers(transaction: Transaction, userId: string, sessionId: string): Promise<Revocation[]> {
    const ended = await transaction.rows<{ id: string }>(
      sql`UPDATE sessions SET ended_at = now() WHERE user_id = ${userId} AND id <> ${sessionId} AND ended_at IS NULL RETURNING id`,
    );
    return this.cutOff(transaction, ended);
  }

  /** Ends those beyond the most that an account may have, the stalest first. */
  async endStalest(transaction: Transaction, userId: string): Promise<Revocation[]> {
    const ended = await transaction.rows<{ id: string }>(sql`
      UPDATE sessions SET ended_at = now() WHERE ended_at IS NULL AND id IN (
        SELECT id FROM sessions WHERE user_id = ${userId} AND ended_at IS NULL ORDER BY last_seen_at DESC, id DESC
        OFFSET ${MOST_SESSIONS} FOR UPDATE SKIP LOCKED)
      RETURNING id`);
    return this.cutOff(transaction, ended);
  }

  /** Ends what is over by its age, some at a time. Its tokens are too old to be refused one by one. */
  async endOver(transaction: Transaction): Promise<{ userId: string; sessionIds: string[] }[]> {
    return transaction.rows<{ userId: string; sessionIds: string[] }>(sql`
      WITH ended AS (
        UPDATE sessions SET ended_at = now() WHERE id IN (
          SELECT id FROM sessions WHERE ended_at IS NULL
            AND (last_seen_at < now() - make_interval(days => ${IDLE_DAYS}) OR created_at < now() - make_interval(days => ${LONGEST_DAYS}))
          LIMIT ${SWEEP_ROWS} FOR UPDATE SKIP LOCKED)
        RETURNING id, user_id)
      SELECT user_id AS "userId", array_agg(id::text) AS "sessionIds" FROM ended GROUP BY user_id`);
  }

  /** Whether an account was signed in to before, and never by a client that calls itself so. */
  async isNewAgent(queries: Pick<Database, 'row'>, userId: string, agent: string): Promise<boolean> {
    const found = await queries.row<{ is_new: boolean }>(sql`
      SELECT count(*) > 0 AND count(*) FILTER (WHERE device = ${agent}) = 0 AS is_new FROM sessions WHERE user_id = ${userId}`);
    return found?.is_new === true;
  }

  /** Ends a session whose tokens have gone on since this generation. */
  async endReplayed(transaction: Transaction, sessionId: string, generation: number): Promise<Revocation[]> {
    const ended = await transaction.rows<{ id: string }>(
      sql`UPDATE sessions SET ended_at = now() WHERE id = ${sessionId} AND generation > ${generation} AND ended_at IS NULL RETURNING id`,
    );
    return this.cutOff(transaction, ended);
  }

  /** Refuses the tokens that a user has by now. Call it while the transaction holds the user's row, or one with the old roles may still leave. */
  async cutOffUser(transaction: Transaction, userId: string): Promise<Revocation> {
    const revocation: Revocation = { kind: 'user', id: userId, before: this.bus.clock.now() + CLOCK_MARGIN_MS };
    await this.revoke(transaction, [revocation]);
    return revocation;
  }

  /** Milliseconds: tokens of this user that were issued before are refused. 0 when there is no such time. */
  async revokedBefore(transaction: Transaction, userId: string): Promise<number> {
    const found = await transaction.row<{ before: number }>(
      sql`SELECT before_ms AS before FROM revocations WHERE kind = 'user' AND id = ${userId}`,
    );
    return found?.before ?? 0;
  }

  /** A session does not come back, so the entry lies ahead of every token that is still being signed for it. */
  private async cutOff(transaction: Transaction, ended: readonly { id: string }[]): Promise<Revocation[]> {
    const before = this.bus.clock.now() + REVOCATION_MINUTES * 60_000;
    const revocations = ended.map(({ id }): Revocation => ({ kind: 'session', id, before }));
    await this.revoke(transaction, revocations);
    return revocations;
  }

  private async revoke(transaction: Transaction, revocations: readonly Revocation[]): Promise<void> {
    if (revocations.length === 0) return;
    const columns = [
      revocations.map(({ kind }) => kind),
      revocations.map(({ id }) => id),
      revocations.map(({ before }) => before),
    ] as const;
    await transaction.execute(sql`
      INSERT INTO revocations (kind, id, before_ms, expires_at)
      SELECT kind, id, before_ms, now() + make_interval(mins => ${REVOCATION_MINUTES})
      FROM unnest(${columns[0]}::text[], ${columns[1]}::uuid[], ${columns[2]}::bigint[]) AS row (kind, id, before_ms) ORDER BY kind, id
      ON CONFLICT (kind, id) DO UPDATE SET before_ms = greatest(revocations.before_ms, excluded.before_ms), expires_at = excluded.expires_at`);
  }

  /** Those of the last seconds. */
  revocationsSince(seconds: number): Promise<Revocation[]> {
    return this.database.rows<Revocation>(sql`
      SELECT kind, id, before_ms AS before FROM revocations
      WHERE expires_at > now() + make_interval(mins => ${REVOCATION_MINUTES}) - make_interval(secs => ${seconds}::float8)`);
  }

  async revocations(): Promise<Revocation[]> {
    return this.database.rows<Revocation>(sql`SELECT kind, id, before_ms AS before FROM revocations WHERE expires_at > now()`);
  }
}
