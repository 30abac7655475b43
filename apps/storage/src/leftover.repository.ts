import { Injectable } from '@nestjs/common';
import { backoffOf, claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** Longer than an upload takes from its first object to its last statement. */
const WRITING_SECONDS = 900;
/** Longer than deleting takes. */
const LEASE_SECONDS = 60;
const RETRY = { baseSeconds: 2, maxSeconds: 600 };

/** Objects without an owner: those that are being written, and those that nobody has any more. */
@Injectable()
export class LeftoverRepository {
  constructor(private readonly database: Database) {}

  /** Before the object is written: if nothing comes of it, it goes. */
  async beginWriting(prefix: string): Promise<void> {
    await this.database.execute(
      sql`INSERT INTO leftovers (prefix, due_at) VALUES (${prefix}, ${fromNow(WRITING_SECONDS)}) ON CONFLICT (prefix) DO UPDATE SET due_at = EXCLUDED.due_at WHERE NOT leftovers.is_going`,
    );
  }

  /** Whoever adopts an object takes it from here; false when it is being deleted, or is gone. */
  async adopt(transaction: Transaction, prefix: string): Promise<boolean> {
    return (await transaction.execute(sql`DELETE FROM leftovers WHERE prefix = ${prefix} AND NOT is_going`)) === 1;
  }

  /** Nobody has these objects any more, though somebody may read them for so many seconds. */
  abandon(transaction: Pick<Transaction, 'send'>, prefixes: readonly string[], seconds = 0): void {
    transaction.send(sql`
      INSERT INTO leftovers (prefix, due_at) SELECT prefix, ${fromNow(seconds)} FROM unnest(${prefixes}::text[]) AS gone (prefix)
      ON CONFLICT (prefix) DO UPDATE SET due_at = least(leftovers.due_at, EXCLUDED.due_at)`);
  }

  async abandonNow(prefixes: readonly string[]): Promise<void> {
    await this.database.transaction(async (transaction) => this.abandon(transaction, prefixes));
  }

  /** Takes up some that are due; nobody can adopt them any more. */
  async claim(limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ prefix: string }>(
      claim({
        ...{ table: sql`leftovers`, key: sql`prefix`, due: sql`due_at`, limit, leaseSeconds: LEASE_SECONDS },
        ...{ set: sql`is_going = true, tries = tries + 1`, returning: sql`prefix` },
      }),
    );
    return rows.map(({ prefix }) => prefix);
  }

  async gone(prefix: string): Promise<void> {
    await this.database.execute(sql`DELETE FROM leftovers WHERE prefix = ${prefix}`);
  }

  async retryLater(prefix: string): Promise<void> {
    await this.database.execute(sql`UPDATE leftovers SET due_at = ${fromNow(backoffOf(sql`tries`, RETRY))} WHERE prefix = ${prefix}`);
  }

  /** Of these objects, those that nobody has and nobody is writing. */
  async unknown(ids: readonly string[], prefixes: readonly string[]): Promise<string[]> {
    const rows = await this.database.rows<{ prefix: string }>(sql`
      SELECT prefix FROM unnest(${ids}::uuid[], ${prefixes}::text[]) AS found (id, prefix)
      WHERE NOT EXISTS (SELECT 1 FROM leftovers WHERE leftovers.prefix = found.prefix)
        AND NOT (starts_with(prefix, 'blobs/') AND EXISTS (SELECT 1 FROM blobs WHERE blobs.id = found.id))
        AND NOT (starts_with(prefix, 'parts/') AND EXISTS (SELECT 1 FROM parts WHERE parts.key = found.prefix))`);
    return rows.map(({ prefix }) => prefix);
  }

  async count(): Promise<number> {
    const row = await this.database.row<{ count: number }>(sql`SELECT count(*) AS count FROM leftovers WHERE due_at <= now()`);
    return row?.count ?? 0;
  }
}
