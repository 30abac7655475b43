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

/** That a rendition is the caller's to make: until when, as the database writes it. */
export interface Lease {
  readonly lease: string;
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

  /** What was made before, or a lease when the caller is to make it, or `others` while somebody does or when the picture is gone. */
  async rendition(blobId: string, preset: string, format: RenditionFormat): Promise<Fingerprint | Lease | 'others'> {
    const made = await this.database.row<Fingerprint>(sql`
      SELECT hash, size FROM renditions WHERE blob_id = ${blobId} AND preset = ${preset} AND format = ${format} AND hash IS NOT NULL`);
    if (made !== undefined) return made;
    const claimed = await this.database.row<Lease>(sql`
      INSERT INTO renditions (blob_id, preset, format, leased_until)
      SELECT id, ${preset}::text, ${format}::text, ${fromNow(RENDER_SECONDS)} FROM blobs WHERE id = ${blobId}
      ON CONFLICT (blob_id, preset, format) DO UPDATE SET leased_until = EXCLUDED.leased_until
      WHERE renditions.hash IS NULL AND renditions.leased_until < now()
      RETURNING leased_until::text AS lease`);
    return claimed ?? 'others';
  }

  /** Also where the row has gone with somebody else's lease. False only when the picture itself has gone meanwhile. */
  async rendered(blobId: string, preset: string, format: RenditionFormat, { hash, size }: Fingerprint): Promise<boolean> {
    // Locked, so that a deletion that is under way is waited for and then seen.
    const kept = await this.database.execute(sql`
      INSERT INTO renditions (blob_id, preset, format, hash, size, leased_until)
      SELECT id, ${preset}::text, ${format}::text, ${hash}::text, ${size}::bigint, now() FROM blobs WHERE id = ${blobId} FOR KEY SHARE
      ON CONFLICT (blob_id, preset, format) DO UPDATE SET hash = EXCLUDED.hash, size = EXCLUDED.size`);
    return kept === 1;
  }

  /** It was not made under this lease, so that the next who asks makes it. A lease of somebody else stays. */
  async notRendered(blobId: string, preset: string, format: RenditionFormat, { lease }: Lease): Promise<void> {
    await this.database.execute(sql`
      DELETE FROM renditions WHERE blob_id = ${blobId} AND preset = ${preset} AND format = ${format}
        AND hash IS NULL AND leased_until = ${lease}::timestamptz`);
  }

  /** The store has lost these bytes, so that the next who asks makes them. A rendition that is being made anew stays. */
  async forgetRendition(blobId: string, preset: string, format: RenditionFormat, hash: string): Promise<void> {
    await this.database.execute(sql`
      DELETE FROM renditions WHERE blob_id = ${blobId} AND preset = ${preset} AND format = ${format} AND hash = ${hash}`);
  }

  /** What was written under the prefix of a picture that has gone goes after it. The objects of one that is there are never touched. */
  async abandonGone(blobId: string): Promise<void> {
    await this.database.execute(sql`
      INSERT INTO leftovers (prefix, due_at)
      SELECT ${blobPrefix(blobId)}::text, now() WHERE NOT EXISTS (SELECT 1 FROM blobs WHERE id = ${blobId})
      ON CONFLICT (prefix) DO UPDATE SET due_at = least(leftovers.due_at, now())`);
  }
}
