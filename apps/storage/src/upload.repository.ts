import { Injectable } from '@nestjs/common';
import type { Purpose, Visibility } from '#libs/contracts/storage/views';
import { fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { AccountRepository } from './account.repository.ts';
import { LeftoverRepository } from './leftover.repository.ts';

export interface NewUpload {
  readonly id: string;
  readonly userId: string;
  readonly isAdmin: boolean;
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly purpose: Purpose;
  readonly visibility: Visibility | undefined;
  readonly folder: string | null;
  readonly hash: string | undefined;
}

export interface UploadRow {
  readonly id: string;
  readonly user_id: string;
  readonly is_admin: boolean;
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly purpose: Purpose;
  readonly visibility: Visibility | null;
  readonly folder: string | null;
  readonly hash: string | null;
  /** Once it is completed. */
  readonly file_id: string | null;
  readonly expires_at: Date;
}

export interface PartRow {
  readonly number: number;
  /** The prefix of its object. */
  readonly key: string;
  readonly size: number;
  readonly hash: string;
}

/** Longer than making a file of the largest upload takes. */
const COMPLETING_SECONDS = 90;

const COLUMNS = sql`id, user_id, is_admin, name, mime, size, purpose, visibility, folder, hash, file_id, expires_at`;

/** Uploads in parts. An open one counts for the quota as if it were a file. */
@Injectable()
export class UploadRepository {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly leftovers: LeftoverRepository,
  ) {}

  add(transaction: Transaction, upload: NewUpload, ttlSeconds: number): void {
    const { id, userId, isAdmin, name, mime, size, purpose, visibility, folder, hash } = upload;
    transaction.send(sql`
      INSERT INTO uploads (id, user_id, is_admin, name, mime, size, purpose, visibility, folder, hash, expires_at)
      VALUES (${id}, ${userId}, ${isAdmin}, ${name}, ${mime}, ${size}, ${purpose}, ${visibility ?? null}, ${folder}, ${hash ?? null},
        ${fromNow(ttlSeconds)})`);
  }

  /** That is neither completed nor past. */
  findOpen(id: string): Promise<UploadRow | undefined> {
    return this.database.row<UploadRow>(sql`SELECT ${COLUMNS} FROM uploads WHERE id = ${id} AND file_id IS NULL AND expires_at > now()`);
  }

  find(id: string): Promise<UploadRow | undefined> {
    return this.database.row<UploadRow>(sql`SELECT ${COLUMNS} FROM uploads WHERE id = ${id} AND expires_at > now()`);
  }

  parts(id: string): Promise<PartRow[]> {
    return this.database.rows<PartRow>(sql`SELECT number, key, size, hash FROM parts WHERE upload_id = ${id} ORDER BY number`);
  }

  /** The newest bytes of a part count; those before go. False when the upload is not open any more. */
  putPart(id: string, { number, key, size, hash }: PartRow): Promise<boolean> {
    return this.database.transaction(async (transaction) => {
      const open = await transaction.row<{ is_completing: boolean }>(sql`
        SELECT leased_until > now() AS is_completing FROM uploads
        WHERE id = ${id} AND file_id IS NULL AND expires_at > now() FOR NO KEY UPDATE`);
      if (open === undefined || !(await this.leftovers.adopt(transaction, key))) return false;
      const before = await transaction.row<PartRow>(sql`DELETE FROM parts WHERE upload_id = ${id} AND number = ${number} RETURNING key`);
      // A completion that is under way reads the bytes before these.
      if (before !== undefined) this.leftovers.abandon(transaction, [before.key], open.is_completing ? COMPLETING_SECONDS : 0);
      transaction.send(sql`INSERT INTO parts (upload_id, number, key, size, hash) VALUES (${id}, ${number}, ${key}, ${size}, ${hash})`);
      return true;
    });
  }

  /** Whoever gets it completes it alone, for a while. */
  async beginCompleting(id: string): Promise<boolean> {
    const begun = await this.database.execute(sql`
      UPDATE uploads SET leased_until = ${fromNow(COMPLETING_SECONDS)}
      WHERE id = ${id} AND file_id IS NULL AND expires_at > now() AND leased_until <= now()`);
    return begun === 1;
  }

  async endCompleting(id: string): Promise<void> {
    await this.database.execute(sql`UPDATE uploads SET leased_until = now() WHERE id = ${id} AND file_id IS NULL`);
  }

  /** Once; false when it was given up meanwhile. */
  async completed(transaction: Transaction, id: string, fileId: string): Promise<boolean> {
    const completed = await transaction.execute(sql`UPDATE uploads SET file_id = ${fileId} WHERE id = ${id} AND file_id IS NULL`);
    if (completed === 1) this.dropParts(transaction, [id]);
    return completed === 1;
  }

  /** With its parts and what it counts for. */
  async giveUp(id: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      this.dropParts(transaction, [id]);
      const gone = await transaction.row<UploadRow>(sql`DELETE FROM uploads WHERE id = ${id} AND file_id IS NULL RETURNING ${COLUMNS}`);
      if (gone !== undefined) this.accounts.giveBack(transaction, gone.user_id, gone.size, 1);
    });
  }

  /** Ids of some that are past. */
  async past(limit: number): Promise<{ id: string; file_id: string | null }[]> {
    return this.database.rows(sql`
      SELECT id, file_id FROM uploads WHERE expires_at <= now() AND leased_until <= now() ORDER BY expires_at LIMIT ${limit}`);
  }

  async forget(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.database.execute(sql`DELETE FROM uploads WHERE id = ANY(${ids}::uuid[]) AND file_id IS NOT NULL`);
  }

  /** All of an erased user's; the account's count goes with it. */
  async removeAllOf(transaction: Transaction, userId: string): Promise<void> {
    const ids = await transaction.rows<{ id: string }>(sql`SELECT id FROM uploads WHERE user_id = ${userId} FOR UPDATE`);
    this.dropParts(
      transaction,
      ids.map(({ id }) => id),
    );
    transaction.send(sql`DELETE FROM uploads WHERE user_id = ${userId}`);
  }

  private dropParts(transaction: Pick<Transaction, 'send'>, ids: readonly string[]): void {
    transaction.send(sql`
      WITH gone AS (DELETE FROM parts WHERE upload_id = ANY(${ids}::uuid[]) RETURNING key)
      INSERT INTO leftovers (prefix, due_at) SELECT key, now() FROM gone
      ON CONFLICT (prefix) DO UPDATE SET due_at = least(leftovers.due_at, now())`);
  }
}
