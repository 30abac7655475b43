import { Injectable } from '@nestjs/common';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { DELETED_USER, type ReviewRow } from './review.ts';

/** What an erased account leaves behind: stars, texts and votes that are nobody's. */
@Injectable()
export class ErasureRepository {
  /** Answers the reviews as they were. */
  async forget(transaction: Transaction, userId: string): Promise<ReviewRow[]> {
    const reviews = await transaction.rows<ReviewRow>(sql`SELECT * FROM reviews WHERE user_id = ${userId} ORDER BY id FOR NO KEY UPDATE`);
    const ids = reviews.map(({ id }) => id);
    transaction.send(
      sql`UPDATE reviews SET user_id = NULL, author = ${DELETED_USER}, images = '[]', files_version = files_version + 1 WHERE id = ANY(${ids}::uuid[])`,
    );
    transaction.send(sql`DELETE FROM versions WHERE review_id = ANY(${ids}::uuid[])`);
    transaction.send(sql`UPDATE reports SET note = NULL WHERE review_id = ANY(${ids}::uuid[])`);
    // They count on, and nobody can tell any more whose they were.
    transaction.send(sql`UPDATE reports SET note = NULL, user_id = gen_random_uuid() WHERE user_id = ${userId}`);
    transaction.send(sql`UPDATE votes SET user_id = gen_random_uuid() WHERE user_id = ${userId}`);
    for (const table of [sql`purchases`, sql`requests`, sql`unverified_posts`, sql`hidden_marks`])
      transaction.send(sql`DELETE FROM ${table} WHERE user_id = ${userId}`);
    return reviews;
  }
}
