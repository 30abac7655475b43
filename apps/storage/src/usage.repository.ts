import { Injectable } from '@nestjs/common';
import type { LargestUser, PurposeUsage, StorageUsage } from '#libs/contracts/storage/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';

/** What is stored, in numbers for staff. */
@Injectable()
export class UsageRepository {
  constructor(private readonly database: Database) {}

  async all(): Promise<StorageUsage> {
    const [purposes, largest, stored] = await Promise.all([
      this.database.rows<PurposeUsage>(sql`
        SELECT purpose, count(*) AS files, sum(blobs.size)::bigint AS bytes
        FROM files JOIN blobs ON blobs.id = files.blob_id GROUP BY purpose ORDER BY bytes DESC`),
      this.database.rows<LargestUser>(sql`
        SELECT user_id AS "userId", files, bytes FROM accounts WHERE files > 0 ORDER BY bytes DESC LIMIT 10`),
      this.database.row<{ storedBytes: number; openUploads: number; leftovers: number }>(sql`
        SELECT (SELECT coalesce(sum(size), 0) FROM blobs)::bigint + (SELECT coalesce(sum(size), 0) FROM renditions)::bigint AS "storedBytes",
          (SELECT count(*) FROM uploads WHERE file_id IS NULL AND expires_at > now()) AS "openUploads",
          (SELECT count(*) FROM leftovers WHERE due_at <= now()) AS leftovers`),
    ]);
    const sumOf = (key: 'files' | 'bytes'): number => purposes.reduce((sum, one) => sum + one[key], 0);
    return {
      files: sumOf('files'),
      bytes: sumOf('bytes'),
      ...(stored ?? { storedBytes: 0, openUploads: 0, leftovers: 0 }),
      purposes,
      largest,
    };
  }
}
