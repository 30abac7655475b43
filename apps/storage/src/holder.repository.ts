import { Injectable } from '@nestjs/common';
import type { FilesUsed } from '#libs/contracts/storage/messages';
import { fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { retention } from '../migrations/storage.retention.ts';

/** Until the event comes that says so for good. */
const PROMISED_SECONDS = 600;
const SWEPT = 1_000;

/** Which objects of other services have a file. A service holds files of the purpose that has its name, and no others. */
@Injectable()
export class HolderRepository {
  constructor(private readonly database: Database) {}

  promise(transaction: Transaction, service: string, ref: string, fileIds: readonly string[]): void {
    transaction.send(sql`
      INSERT INTO holders (file_id, service, ref, expires_at)
      SELECT id, ${service}::text, ${ref}::text, ${fromNow(PROMISED_SECONDS)} FROM unnest(${fileIds}::uuid[]) AS files (id)
      ON CONFLICT (file_id, service, ref) DO UPDATE SET expires_at = EXCLUDED.expires_at WHERE holders.expires_at IS NOT NULL`);
  }

  /** The whole set of a holder, unless a newer one was heard of. */
  async replace(transaction: Transaction, service: string, { ref, fileIds, shown, version }: FilesUsed): Promise<void> {
    const isNew = await transaction.execute(sql`
      INSERT INTO refs (service, ref, version, ended_at)
      VALUES (${service}, ${ref}, ${version}, CASE WHEN ${fileIds.length}::int = 0 THEN now() END)
      ON CONFLICT (service, ref) DO UPDATE SET version = EXCLUDED.version, ended_at = EXCLUDED.ended_at
      WHERE refs.version < EXCLUDED.version`);
    if (isNew === 0) return;
    // What is only promised waits for the event of a later change; nothing comes after a holder is gone.
    transaction.send(sql`
      DELETE FROM holders WHERE service = ${service} AND ref = ${ref} AND NOT file_id = ANY(${fileIds}::uuid[])
        AND (expires_at IS NULL OR cardinality(${fileIds}::uuid[]) = 0)`);
    // In the order of ids, for two holders of the same files may change at once.
    transaction.send(sql`
      WITH held AS (SELECT id FROM files WHERE id = ANY(${fileIds}::uuid[]) AND purpose = ${service} ORDER BY id FOR NO KEY UPDATE)
      UPDATE files SET had_holders = true FROM held WHERE files.id = held.id`);
    transaction.send(sql`
      INSERT INTO holders (file_id, service, ref, shown)
      SELECT id, ${service}::text, ${ref}::text, ${shown}::boolean FROM files WHERE id = ANY(${fileIds}::uuid[]) AND purpose = ${service}
      ON CONFLICT (file_id, service, ref) DO UPDATE SET shown = EXCLUDED.shown, expires_at = NULL`);
  }

  /** Of these files, those that the service holds. */
  async heldBy(service: string, fileIds: readonly string[]): Promise<string[]> {
    const rows = await this.database.rows<{ file_id: string }>(sql`
      SELECT DISTINCT file_id FROM holders
      WHERE service = ${service} AND file_id = ANY(${fileIds}::uuid[]) AND (expires_at IS NULL OR expires_at > now())`);
    return rows.map(({ file_id }) => file_id);
  }

  /** What holds nothing any more, the oldest first. */
  async sweep(): Promise<void> {
    await this.database.execute(sql`
      DELETE FROM holders WHERE ctid = ANY(ARRAY(SELECT ctid FROM holders
        WHERE expires_at < now() - ${retention.holders.but.promised.keptFor}::interval ORDER BY expires_at LIMIT ${SWEPT}))`);
    await this.database.execute(sql`
      DELETE FROM refs WHERE ctid = ANY(ARRAY(SELECT ctid FROM refs
        WHERE ended_at < now() - ${retention.refs.but.ended.keptFor}::interval ORDER BY ended_at LIMIT ${SWEPT}))`);
  }
}
