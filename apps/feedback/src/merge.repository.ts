import { Injectable } from '@nestjs/common';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** Where a piece of feedback is merged to; only while both are locked. */
@Injectable()
export class MergeRepository {
  async hasMerged(transaction: Transaction, id: string): Promise<boolean> {
    const row = await transaction.row<{ any: boolean }>(sql`SELECT EXISTS (SELECT FROM feedback WHERE merged_into = ${id}) AS any`);
    return row?.any === true;
  }

  async targetOf(transaction: Transaction, id: string): Promise<{ merged_into: string | null } | undefined> {
    return transaction.row(sql`SELECT merged_into FROM feedback WHERE id = ${id}`);
  }

  /** Its author sees the other's status, and its moves from here on. */
  async merge(transaction: Transaction, id: string, into: string): Promise<void> {
    await transaction.execute(sql`
      UPDATE feedback SET merged_into = target.id, merged_moves = target.moves, staff_updated_at = now()
      FROM (SELECT id, moves FROM feedback WHERE id = ${into}) target WHERE feedback.id = ${id}`);
  }

  async unmerge(transaction: Transaction, id: string): Promise<void> {
    await transaction.execute(sql`UPDATE feedback SET merged_into = NULL, merged_moves = NULL, staff_updated_at = now() WHERE id = ${id}`);
  }
}
