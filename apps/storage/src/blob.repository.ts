import { Injectable } from '@nestjs/common';
import type { FileType } from '#libs/contracts/storage/views';
import { fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { LeftoverRepository } from './leftover.repository.ts';
import type { RenditionFormat } from './picture/presets.ts';
import { blobPrefix, type Fingerprint } from './store/object-store.ts';

export interface NewBlob extends Fingerprint {
  readonly mime: FileType;
  readonly width?: number;
  readonly height?: number;
  readonly color?: string;
  readonly blurhash?: string;
}

/** Longer than a rendition takes; whoever dies making it delays it by this. */
const RENDER_SECONDS = 60;

/** Bytes that files have: equal ones are one row and one object. */
@Injectable()
export class BlobRepository {
  constructor(
    private readonly database: Database,
    private readonly leftovers: LeftoverRepository,
  ) {}

  async withHash(hash: string): Promise<string | undefined> {
    return (await this.database.row<{ id: string }>(sql`SELECT id FROM blobs WHERE hash = ${hash}`))?.id;
  }

  /** Keeps it from going until the transaction has given it a file; undefined when it is gone. */
  async hold(transaction: Transaction, hash: string): Promise<string | undefined> {
    return (await transaction.row<{ id: string }>(sql`SELECT id FROM blobs WHERE hash = ${hash} FOR KEY SHARE`))?.id;
  }

  /** False when these bytes have just been stored by somebody else. */
  async add(transaction: Transaction, id: string, { hash, mime, size, width, height, color, blurhash }: NewBlob): Promise<boolean> {
    const added = await transaction.execute(sql`
      INSERT INTO blobs (id, hash, mime, size, width, height, color, blurhash)
      VALUES (${id}, ${hash}, ${mime}, ${size}, ${width ?? null}, ${height ?? null}, ${color ?? null}, ${blurhash ?? null})
      ON CONFLICT (hash) DO NOTHING`);
    return added === 1;
  }

  /** After files were deleted: what none has any more goes too. */
  async dropUnused(transaction: Transaction, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    // Locked first, and asked in a statement of its own: another transaction may be taking the last file away, or giving it a new one.
    await transaction.rows(sql`SELECT id FROM blobs WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`);
    const gone = await transaction.rows<{ id: string }>(sql`
      DELETE FROM blobs WHERE id = ANY(${ids}::uuid[]) AND NOT EXISTS (SELECT 1 FROM files WHERE blob_id = blobs.id) RETURNING id`);
    if (gone.length > 0)
      this.leftovers.abandon(
        transaction,
        gone.map(({ id }) => blobPrefix(id)),
      );
  }

  /** What was made before, or `mine` when the caller is to make it, or `others` while somebody does. Undefined when the picture is gone. */
  async rendition(blobId: string, preset: string, format: RenditionFormat): Promise<Fingerprint | 'mine' | 'others'> {
    const made = await this.database.row<Fingerprint>(sql`
      SELECT hash, size FROM renditions WHERE blob_id = ${blobId} AND preset = ${preset} AND format = ${format} AND hash IS NOT NULL`);
    if (made !== undefined) return made;
    const claimed = await this.database.execute(sql`
      INSERT INTO renditions (blob_id, preset, format, leased_until)
      SELECT id, ${preset}::text, ${format}::text, ${fromNow(RENDER_SECONDS)} FROM blobs WHERE id = ${blobId}
      ON CONFLICT (blob_id, preset, format) DO UPDATE SET leased_until = EXCLUDED.leased_until
      WHERE renditions.hash IS NULL AND renditions.leased_until < now()`);
    return claimed === 1 ? 'mine' : 'others';
  }

  /** False when the picture has gone meanwhile. */
  async rendered(blobId: string, preset: string, format: RenditionFormat, { hash, size }: Fingerprint): Promise<boolean> {
    const kept = await this.database.execute(sql`
      UPDATE renditions SET hash = ${hash}, size = ${size} WHERE blob_id = ${blobId} AND preset = ${preset} AND format = ${format}`);
    return kept === 1;
  }

  /** For the next who asks: it was not made, or its bytes are lost. */
  async forgetRendition(blobId: string, preset: string, format: RenditionFormat): Promise<void> {
    await this.database.execute(sql`DELETE FROM renditions WHERE blob_id = ${blobId} AND preset = ${preset} AND format = ${format}`);
  }
}
