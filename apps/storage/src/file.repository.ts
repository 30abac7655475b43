import { Injectable } from '@nestjs/common';
import type { FileType, Purpose, Visibility } from '#libs/contracts/storage/views';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { joined, type Sql, sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface NewFile {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly folder: string | null;
  readonly purpose: Purpose;
  readonly visibility: Visibility;
}

/** A file with what its bytes are, and whether others use it. */
export interface FileRow {
  readonly id: string;
  readonly user_id: string | null;
  readonly name: string;
  readonly folder: string | null;
  readonly purpose: Purpose;
  readonly visibility: Visibility;
  readonly created_at: Date;
  readonly blob_id: string;
  readonly mime: FileType;
  readonly size: number;
  readonly hash: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly color: string | null;
  readonly blurhash: string | null;
  readonly is_hidden: boolean;
}

/** A review's pictures are seen while a review that is shown has them, and before any had. */
const HIDDEN = sql`files.purpose = 'review' AND files.had_holders
  AND NOT EXISTS (SELECT 1 FROM holders WHERE file_id = files.id AND shown AND expires_at IS NULL)`;
const COLUMNS = sql`files.id, files.user_id, files.name, files.folder, files.purpose, files.visibility, files.created_at, files.blob_id,
  blobs.mime, blobs.size, blobs.hash, blobs.width, blobs.height, blobs.color, blobs.blurhash, ${HIDDEN} AS is_hidden`;
const FILES = sql`files JOIN blobs ON blobs.id = files.blob_id`;
const IN_USE = sql`EXISTS (SELECT 1 FROM holders WHERE file_id = files.id AND (expires_at IS NULL OR expires_at > now()))`;

@Injectable()
export class FileRepository {
  constructor(private readonly database: Database) {}

  add(transaction: Transaction, { id, userId, name, folder, purpose, visibility }: NewFile, blobId: string): void {
    transaction.send(sql`
      INSERT INTO files (id, user_id, name, folder, purpose, visibility, blob_id)
      VALUES (${id}, ${userId}, ${name}, ${folder}, ${purpose}, ${visibility}, ${blobId})`);
  }

  find(id: string, queries: Pick<Queries, 'row'> = this.database): Promise<FileRow | undefined> {
    return queries.row<FileRow>(sql`SELECT ${COLUMNS} FROM ${FILES} WHERE files.id = ${id}`);
  }

  /** Of this user and purpose, and kept until the transaction ends. */
  usable(transaction: Transaction, ids: readonly string[], userId: string, purpose: Purpose, visibility?: Visibility): Promise<FileRow[]> {
    return transaction.rows<FileRow>(sql`
      SELECT ${COLUMNS} FROM ${FILES}
      WHERE files.id = ANY(${ids}::uuid[]) AND files.user_id = ${userId} AND files.purpose = ${purpose}
        ${when(visibility !== undefined, () => sql`AND files.visibility = ${visibility}`)}
      FOR KEY SHARE OF files`);
  }

  page(
    userId: string,
    { folder, purpose, after, limit }: { folder?: string; purpose?: Purpose; after: string | undefined; limit: number },
  ): Promise<FileRow[]> {
    const conditions: Sql[] = [sql`files.user_id = ${userId}`];
    if (folder !== undefined) conditions.push(sql`(files.folder = ${folder} OR starts_with(files.folder, ${`${folder}/`}))`);
    if (purpose !== undefined) conditions.push(sql`files.purpose = ${purpose}`);
    if (after !== undefined) conditions.push(sql`files.id < ${after}::uuid`);
    return this.database.rows<FileRow>(sql`
      SELECT ${COLUMNS} FROM ${FILES} WHERE ${joined(conditions, ' AND ')} ORDER BY files.id DESC LIMIT ${limit + 1}`);
  }

  /** For what follows to decide by: nobody takes it into use, deletes or edits it meanwhile. */
  lockOwn(
    transaction: Transaction,
    id: string,
    userId: string,
  ): Promise<{ blob_id: string; mime: FileType; purpose: Purpose; size: number; visibility: Visibility } | undefined> {
    return transaction.row(sql`
      SELECT files.blob_id, files.purpose, files.visibility, blobs.mime, blobs.size FROM ${FILES}
      WHERE files.id = ${id} AND files.user_id = ${userId} FOR UPDATE OF files`);
  }

  /** Asked once the file is locked, in a statement of its own. */
  async isInUse(transaction: Transaction, id: string): Promise<boolean> {
    return (await transaction.row(sql`SELECT 1 FROM files WHERE id = ${id} AND ${IN_USE}`)) !== undefined;
  }

  edit(
    transaction: Transaction,
    id: string,
    { name, folder, visibility }: { name?: string; folder?: string | null; visibility?: Visibility },
  ): void {
    transaction.send(sql`
      UPDATE files SET name = coalesce(${name ?? null}, name), visibility = coalesce(${visibility ?? null}, visibility),
        folder = CASE WHEN ${folder !== undefined}::boolean THEN ${folder ?? null}::text ELSE folder END
      WHERE id = ${id}`);
  }

  remove(transaction: Transaction, id: string): void {
    transaction.send(sql`DELETE FROM files WHERE id = ${id}`);
  }

  /** Some of an erased user's files; a product's picture stays, without an owner. The ids of their bytes. */
  async removeSomeOf(transaction: Transaction, userId: string, limit: number): Promise<string[]> {
    transaction.send(sql`UPDATE files SET user_id = NULL, folder = NULL WHERE user_id = ${userId} AND purpose = 'product' AND ${IN_USE}`);
    const rows = await transaction.rows<{ blob_id: string }>(sql`
      DELETE FROM files WHERE id IN (SELECT id FROM files WHERE user_id = ${userId} ORDER BY id LIMIT ${limit} FOR UPDATE) RETURNING blob_id`);
    return rows.map(({ blob_id }) => blob_id);
  }
}
