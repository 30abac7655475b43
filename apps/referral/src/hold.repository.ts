import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { ReferralHoldFilter } from '#libs/contracts/referral/api';
import type { HoldReason, HoldStatus, ReferralHold } from '#libs/contracts/referral/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { joined, sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

interface HoldRow {
  readonly id: string;
  readonly referral_id: string;
  readonly referrer_id: string;
  readonly referee_id: string;
  readonly reasons: HoldReason[];
  readonly status: HoldStatus;
  readonly note: string | null;
  readonly held_at: Date;
}

const HOLD = sql`holds.id, referral_id, referrer_id, referee_id, reasons, holds.status, note, held_at`;

/** Why referrals wait for a person, and what was decided. Holds of a referral change only while it is locked. */
@Injectable()
export class HoldRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** Answers the reasons that are new: what was approved is not asked about again. */
  async add(transaction: Transaction, referralId: string, reasons: readonly HoldReason[]): Promise<HoldReason[]> {
    const known = await transaction.rows<{ id: string; status: HoldStatus; reasons: HoldReason[] }>(
      sql`SELECT id, status, reasons FROM holds WHERE referral_id = ${referralId}`,
    );
    const fresh = reasons.filter((reason) => !known.some((hold) => hold.reasons.includes(reason)));
    if (fresh.length === 0) return [];
    const open = known.find(({ status }) => status === 'held');
    await transaction.execute(
      open === undefined
        ? sql`INSERT INTO holds (id, referral_id, reasons) VALUES (${uuidv7()}, ${referralId}, ${fresh}::text[])`
        : sql`UPDATE holds SET reasons = reasons || ${fresh}::text[] WHERE id = ${open.id}`,
    );
    await transaction.execute(sql`UPDATE referrals SET is_held = true WHERE id = ${referralId}`);
    return fresh;
  }

  /** Oldest first. */
  async list({ status, limit, cursor }: ReferralHoldFilter): Promise<{ items: ReferralHold[]; nextCursor: string | null }> {
    const list = `holds ${status ?? 'all'}`;
    const conditions = [
      ...(status === undefined ? [sql`true`] : [sql`holds.status = ${status}`]),
      ...(cursor === undefined ? [] : [sql`holds.id > ${this.cursors.decode(cursor, list)[0]}::uuid`]),
    ];
    const rows = await this.database.rows<HoldRow>(sql`
      SELECT ${HOLD} FROM holds JOIN referrals ON referrals.id = referral_id WHERE ${joined(conditions, ' AND ')}
      ORDER BY holds.id LIMIT ${limit + 1}`);
    const { items, nextCursor } = pageOf(rows, limit, ({ id }) => this.cursors.encode([id], list));
    return { items: items.map(holdOf), nextCursor };
  }

  async find(id: string, queries: Pick<Database, 'row'> = this.database): Promise<ReferralHold | undefined> {
    const row = await queries.row<HoldRow>(
      sql`SELECT ${HOLD} FROM holds JOIN referrals ON referrals.id = referral_id WHERE holds.id = ${id}`,
    );
    return row === undefined ? undefined : holdOf(row);
  }

  async decide(transaction: Transaction, id: string, status: 'approved' | 'rejected', note: string, by: string): Promise<void> {
    await transaction.execute(sql`
      WITH decided AS (
        UPDATE holds SET status = ${status}, note = ${note}, decided_by = ${by} WHERE id = ${id} AND status = 'held' RETURNING referral_id)
      UPDATE referrals SET is_held = false FROM decided WHERE referrals.id = referral_id`);
  }
}

const holdOf = (row: HoldRow): ReferralHold => ({
  ...{
    id: row.id,
    referralId: row.referral_id,
    referrerId: row.referrer_id,
    refereeId: row.referee_id,
    reasons: row.reasons,
    status: row.status,
  },
  ...(row.note === null ? {} : { note: row.note }),
  at: row.held_at.toISOString(),
});
