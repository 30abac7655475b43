import { Injectable } from '@nestjs/common';
import type { ChangeCannedAnswer } from '#libs/contracts/chat/inputs';
import type { CannedAnswer } from '#libs/contracts/chat/views';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

const ANSWER = sql`id, shortcut, title, body, locale`;
const MOST = 1_000;

@Injectable()
export class CannedRepository {
  constructor(private readonly database: Database) {}

  list(q: string | undefined): Promise<CannedAnswer[]> {
    const like = `%${(q ?? '').replace(/[\\%_]/g, '\\$&')}%`;
    return this.database.rows<CannedAnswer>(sql`
      SELECT ${ANSWER} FROM canned_answers
      ${when(q !== undefined, () => sql`WHERE shortcut ILIKE ${like} OR title ILIKE ${like} OR body ILIKE ${like}`)}
      ORDER BY shortcut, locale LIMIT ${MOST}`);
  }

  find(queries: Queries, id: string): Promise<CannedAnswer | undefined> {
    return queries.row<CannedAnswer>(sql`SELECT ${ANSWER} FROM canned_answers WHERE id = ${id}`);
  }

  async add(transaction: Transaction, { id, shortcut, title, body, locale }: CannedAnswer): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO canned_answers (id, shortcut, title, body, locale) VALUES (${id}, ${shortcut}, ${title}, ${body}, ${locale})`);
  }

  change({ id, shortcut, title, body, locale }: ChangeCannedAnswer): Promise<CannedAnswer | undefined> {
    return this.database.row<CannedAnswer>(sql`
      UPDATE canned_answers SET shortcut = coalesce(${shortcut ?? null}, shortcut), title = coalesce(${title ?? null}, title),
        body = coalesce(${body ?? null}, body), locale = coalesce(${locale ?? null}, locale)
      WHERE id = ${id} RETURNING ${ANSWER}`);
  }

  async remove(id: string): Promise<boolean> {
    return (await this.database.execute(sql`DELETE FROM canned_answers WHERE id = ${id}`)) === 1;
  }
}
