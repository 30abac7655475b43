import { Injectable } from '@nestjs/common';
import { backoffOf, claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { ArchivedText } from '../store/text-archive.ts';

export interface Waiting extends ArchivedText {
  readonly id: string;
}

const LEASE_SECONDS = 20;
const BACKOFF = { baseSeconds: 1, maxSeconds: 30 };

/** Texts that wait for the other store. */
@Injectable()
export class MoveRepository {
  constructor(private readonly database: Database) {}

  claim(limit: number): Promise<Waiting[]> {
    return this.database.rows<Waiting>(
      claim({
        ...{ table: sql`messages`, key: sql`id`, due: sql`move_at`, limit, leaseSeconds: LEASE_SECONDS },
        where: sql`content IS NOT NULL`,
        set: sql`move_tries = least(move_tries + 1, 100)`,
        returning: sql`id, thread_id AS "threadId", sequence, revision, content`,
      }),
    );
  }

  /** A message that was changed meanwhile keeps its new content, and waits. */
  async moved(texts: readonly Waiting[]): Promise<void> {
    await this.database.execute(sql`
      UPDATE messages SET content = NULL, move_at = NULL, move_tries = 0
      FROM unnest(${texts.map(({ id }) => id)}::uuid[], ${texts.map(({ revision }) => revision)}::int[]) AS moved (id, revision)
      WHERE messages.id = moved.id AND messages.revision = moved.revision`);
  }

  async postpone(texts: readonly Waiting[]): Promise<void> {
    await this.database.execute(sql`
      UPDATE messages SET move_at = ${fromNow(backoffOf(sql`move_tries`, BACKOFF))}
      WHERE id = ANY(${texts.map(({ id }) => id)}::uuid[]) AND move_at IS NOT NULL`);
  }

  async waiting(): Promise<number> {
    const row = await this.database.row<{ count: number }>(sql`SELECT count(*) AS count FROM messages WHERE move_at IS NOT NULL`);
    return row?.count ?? 0;
  }
}
