import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { AuditFilter } from '#libs/contracts/auth/directory';
import type { AuditEntry, AuditPage } from '#libs/contracts/auth/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { joined, plannedByValues, type Sql, sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import { Rounds } from '#libs/runtime/rounds';

const FORGET_EVERY_MS = 10 * 60_000;

interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly user_id: string | null;
  readonly actor_id: string | null;
  readonly ip: string | null;
  readonly detail: AuditEntry['detail'] | null;
}

const entryOf = ({ id, at, action, user_id, actor_id, ip, detail }: AuditRow): AuditEntry => ({
  ...{ id, at: at.toISOString(), action, userId: user_id, actorId: actor_id, ip, detail: detail ?? {} },
});

/** Append-only; ids and addresses of the network, never names or mail addresses. */
@Injectable()
export class AuditRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    rounds: Rounds,
  ) {
    rounds.every('auth.audit_retention', FORGET_EVERY_MS, () => this.forgetOld());
  }

  async note(
    queries: Pick<Database, 'execute'>,
    action: string,
    about: { userId?: string; actorId?: string; ip?: string; detail?: object },
  ): Promise<void> {
    await queries.execute(sql`
      INSERT INTO audit_log (id, action, user_id, actor_id, ip, detail)
      VALUES (${uuidv7()}, ${action}, ${about.userId ?? null}, ${about.actorId ?? null}, ${about.ip ?? null}, ${about.detail === undefined ? null : JSON.stringify(about.detail)})`);
  }

  /** The same about each of several things, in one statement. */
  async noteEach(
    queries: Pick<Database, 'execute'>,
    action: string,
    about: { userId: string; actorId?: string; ip: string },
    details: readonly object[],
  ): Promise<void> {
    const ids = details.map(() => uuidv7());
    const texts = details.map((detail) => JSON.stringify(detail));
    await queries.execute(sql`
      INSERT INTO audit_log (id, action, user_id, actor_id, ip, detail)
      SELECT row.id, ${action}::text, ${about.userId}::uuid, ${about.actorId ?? null}::uuid, ${about.ip}::text, row.detail::jsonb
      FROM unnest(${ids}::uuid[], ${texts}::text[]) AS row (id, detail)`);
  }

  /** The newest first. */
  async find({ userId, actorId, action, from, to, limit, cursor }: AuditFilter): Promise<AuditPage> {
    const list = `audit ${JSON.stringify([userId, actorId, action, from, to])}`;
    const conditions: Sql[] = [sql`true`];
    if (userId !== undefined) conditions.push(sql`user_id = ${userId}`);
    if (actorId !== undefined) conditions.push(sql`actor_id = ${actorId}`);
    if (action !== undefined) conditions.push(sql`action = ${action}`);
    if (from !== undefined) conditions.push(sql`at >= ${from}`);
    if (to !== undefined) conditions.push(sql`at < ${to}`);
    if (cursor !== undefined) conditions.push(sql`id < ${this.cursors.decode(cursor, list)[0]}::uuid`);
    const rows = await this.database.rows<AuditRow>(
      plannedByValues(sql`SELECT * FROM audit_log WHERE ${joined(conditions, ' AND ')} ORDER BY id DESC LIMIT ${limit + 1}`),
    );
    const { items, nextCursor } = pageOf(rows, limit, (row) => this.cursors.encode([row.id], list));
    return { items: items.map(entryOf), nextCursor };
  }

  /** The function knows the term, so that nothing younger can be let go. */
  forgetOld(): Promise<number> {
    return inBatches(sql`SELECT forget_old_audit(${SWEEP_ROWS})`, this.database);
  }
}
