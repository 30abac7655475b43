import { Injectable } from '@nestjs/common';
import { claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface DuePush {
  readonly threadId: string;
  readonly userId: string;
  readonly unreadSince: Date | null;
  readonly secondsUnread: number;
}

interface Told {
  readonly sequence: number;
  readonly count: number;
  readonly role: 'customer' | 'staff';
  readonly at: Date;
}

const LEASE_SECONDS = 30;

/** Members who have not read for a while and are to be told elsewhere. */
@Injectable()
export class PushRepository {
  constructor(private readonly database: Database) {}

  claim(limit: number): Promise<DuePush[]> {
    return this.database.rows<DuePush>(
      claim({
        ...{ table: sql`members`, key: sql`id`, due: sql`push_at`, limit, leaseSeconds: LEASE_SECONDS },
        returning: sql`thread_id AS "threadId", user_id AS "userId", unread_since AS "unreadSince",
          extract(epoch FROM now() - unread_since)::float8 AS "secondsUnread"`,
      }),
    );
  }

  /** Looked at again after a moment, and for the last time so many seconds after the first unread message. */
  async postpone({ threadId, userId }: DuePush, seconds: { readonly moment: number; readonly last: number }): Promise<void> {
    await this.database.execute(sql`
      UPDATE members SET push_at = least(${fromNow(seconds.moment)}, unread_since + make_interval(secs => ${seconds.last}::float8))
      WHERE thread_id = ${threadId} AND user_id = ${userId} AND push_at IS NOT NULL AND unread_since IS NOT NULL`);
  }

  /** What is to be told; undefined where they have read meanwhile. */
  tell(transaction: Transaction, { threadId, userId }: DuePush): Promise<Told | undefined> {
    return transaction.row<Told>(sql`
      UPDATE members SET push_at = NULL, pushed_sequence = CASE WHEN unread > 0 THEN last_sequence END
      FROM threads WHERE threads.id = thread_id AND thread_id = ${threadId} AND user_id = ${userId} AND push_at IS NOT NULL
      RETURNING pushed_sequence AS sequence, unread AS count, role, now() AS at`);
  }
}
