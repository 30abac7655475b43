import { Injectable } from '@nestjs/common';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** What this service has of a user who is gone. */
@Injectable()
export class ErasureRepository {
  /** Nothing of theirs is taken any more. Waits for what they are just sending. */
  async note(transaction: Transaction, userId: string): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO feedback_authors (user_id, erased_at) VALUES (${userId}, now()) ON CONFLICT (user_id) DO UPDATE SET erased_at = now()`);
  }

  /** `own`: what they sent. `counted`: where they count, as author or voter, there or in what is merged into it. */
  async about(transaction: Transaction, userId: string): Promise<{ own: string[]; counted: string[] }> {
    const rows = await transaction.rows<{ id: string; merged_into: string | null; is_author: boolean }>(sql`
      SELECT feedback.id, merged_into, is_author FROM feedback_people JOIN feedback ON feedback.id = feedback_id
      WHERE feedback_people.user_id = ${userId}`);
    return {
      own: rows.filter(({ is_author }) => is_author).map(({ id }) => id),
      counted: [...new Set(rows.flatMap(({ id, merged_into }) => (merged_into === null ? [id] : [id, merged_into])))].sort(),
    };
  }

  /** Takes the texts out. Answers those that had pictures. */
  async blank(transaction: Transaction, ids: readonly string[]): Promise<{ id: string }[]> {
    const pictured = await transaction.rows<{ id: string }>(
      sql`SELECT id FROM feedback WHERE id = ANY(${ids}::uuid[]) AND cardinality(image_ids) > 0`,
    );
    transaction.send(sql`DELETE FROM feedback_replies WHERE feedback_id = ANY(${ids}::uuid[])`);
    // An order names its buyer.
    transaction.send(sql`
      UPDATE feedback SET user_id = NULL, subject = '', message = '', text_hash = '', image_ids = '{}', order_id = NULL, context = '{}', words = '{}',
        updated_at = now()
      WHERE id = ANY(${ids}::uuid[])`);
    return pictured;
  }

  async forgetVoter(transaction: Transaction, userId: string): Promise<void> {
    await transaction.execute(sql`DELETE FROM feedback_people WHERE user_id = ${userId}`);
  }
}
