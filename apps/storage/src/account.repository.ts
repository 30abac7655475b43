import { Injectable } from '@nestjs/common';
import { notFound } from '#libs/contracts/errors';
import { storageApi } from '#libs/contracts/storage/api';
import type { Usage } from '#libs/contracts/storage/views';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { retention } from '../migrations/storage.retention.ts';
import { type StorageEnv, storageEnv } from './storage.env.ts';

export const MAX_FILES = 1_000;

export interface Owner {
  readonly userId: string;
  /** Without a quota. */
  readonly isAdmin: boolean;
}

interface AccountRow {
  readonly bytes: number;
  readonly files: number;
  readonly erased_at: Date | null;
}

/** What each user has stored, counted where the quota is kept: in one conditional statement. */
@Injectable()
export class AccountRepository {
  private readonly quota: number;

  constructor(
    private readonly database: Database,
    @InjectEnvironment(storageEnv) env: StorageEnv,
  ) {
    this.quota = env.STORAGE_QUOTA_BYTES;
  }

  /** @throws Refusal `storage.quota_exceeded`, or `not_found` for an account that is erased. */
  async charge(transaction: Transaction, { userId, isAdmin }: Owner, bytes: number): Promise<void> {
    const quota = isAdmin ? null : this.quota;
    const charged = await transaction.execute(sql`
      INSERT INTO accounts (user_id, bytes, files)
      SELECT ${userId}::uuid, ${bytes}::bigint, 1 WHERE ${quota}::bigint IS NULL OR ${bytes}::bigint <= ${quota}::bigint
      ON CONFLICT (user_id) DO UPDATE SET bytes = accounts.bytes + EXCLUDED.bytes, files = accounts.files + 1
      WHERE accounts.erased_at IS NULL AND (${quota}::bigint IS NULL
        OR (accounts.bytes + EXCLUDED.bytes <= ${quota}::bigint AND accounts.files < ${MAX_FILES}))`);
    if (charged === 0) throw await this.refusal(transaction, userId);
  }

  /** What a charge comes to in the end, for the same file. */
  async adjust(transaction: Transaction, { userId, isAdmin }: Owner, from: number, to: number): Promise<void> {
    const quota = isAdmin ? null : this.quota;
    const adjusted = await transaction.execute(sql`
      UPDATE accounts SET bytes = bytes - ${from}::bigint + ${to}::bigint
      WHERE user_id = ${userId} AND erased_at IS NULL
        AND (${quota}::bigint IS NULL OR ${to}::bigint <= ${from}::bigint OR bytes - ${from}::bigint + ${to}::bigint <= ${quota}::bigint)`);
    if (adjusted === 0) throw await this.refusal(transaction, userId);
  }

  giveBack(transaction: Pick<Transaction, 'send'>, userId: string, bytes: number, files: number): void {
    transaction.send(sql`UPDATE accounts SET bytes = bytes - ${bytes}::bigint, files = files - ${files}::bigint WHERE user_id = ${userId}`);
  }

  /** Before any work is done for a file that will not fit. */
  async mayAdd({ userId, isAdmin }: Owner, bytes: number): Promise<void> {
    if (isAdmin) return;
    const account = await this.find(this.database, userId);
    if (account.bytes + bytes > this.quota || account.files >= MAX_FILES) throw this.exceeded(account);
  }

  async usageOf({ userId, isAdmin }: Owner): Promise<Usage> {
    const { bytes, files } = await this.find(this.database, userId);
    return { bytes, files, quota: isAdmin ? null : this.quota };
  }

  /** From now on nothing can be charged. */
  erase(transaction: Transaction, userId: string): void {
    transaction.send(sql`
      INSERT INTO accounts (user_id, erased_at) VALUES (${userId}, now())
      ON CONFLICT (user_id) DO UPDATE SET erased_at = now(), bytes = 0, files = 0`);
  }

  /** Erased ones, whose late uploads nobody waits for any more. */
  async sweep(): Promise<void> {
    await this.database.execute(sql`
      DELETE FROM accounts WHERE ctid = ANY(ARRAY(SELECT ctid FROM accounts
        WHERE erased_at < now() - ${retention.accounts.but.erased.keptFor}::interval ORDER BY erased_at LIMIT 1000))`);
  }

  private async find(queries: Pick<Queries, 'row'>, userId: string): Promise<AccountRow> {
    const row = await queries.row<AccountRow>(sql`SELECT bytes, files, erased_at FROM accounts WHERE user_id = ${userId}`);
    return row ?? { bytes: 0, files: 0, erased_at: null };
  }

  private async refusal(transaction: Transaction, userId: string): Promise<Error> {
    const account = await this.find(transaction, userId);
    return account.erased_at === null ? this.exceeded(account) : notFound();
  }

  private exceeded({ bytes, files }: AccountRow): Error {
    const usage: Usage = { bytes, files, quota: this.quota };
    return storageApi.refuse('storage.quota_exceeded', 'There is no room left for this file', { usage, quota: this.quota });
  }
}
