import { Injectable } from '@nestjs/common';
import type { ReportReason, VoteResult } from '#libs/contracts/review/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** What readers say of a review: votes and reports. Triggers count them. */
@Injectable()
export class VoiceRepository {
  constructor(private readonly database: Database) {}

  async vote(transaction: Transaction, reviewId: string, userId: string, helpful: boolean): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO votes AS kept (review_id, user_id, helpful) VALUES (${reviewId}, ${userId}, ${helpful})
      ON CONFLICT (review_id, user_id) DO UPDATE SET helpful = excluded.helpful WHERE kept.helpful <> excluded.helpful`);
  }

  async unvote(transaction: Transaction, reviewId: string, userId: string): Promise<void> {
    await transaction.execute(sql`DELETE FROM votes WHERE review_id = ${reviewId} AND user_id = ${userId}`);
  }

  async votes(transaction: Transaction, reviewId: string, userId: string): Promise<VoteResult | undefined> {
    return transaction.row<VoteResult>(sql`
      SELECT helpful_votes AS "helpfulCount", unhelpful_votes AS "unhelpfulCount",
        CASE votes.helpful WHEN true THEN 'helpful' WHEN false THEN 'unhelpful' END AS vote
      FROM reviews LEFT JOIN votes ON votes.review_id = reviews.id AND votes.user_id = ${userId} WHERE reviews.id = ${reviewId}`);
  }

  /** False when this user has reported it before. */
  async report(
    transaction: Transaction,
    report: { reviewId: string; userId: string; reason: ReportReason; note: string | undefined },
  ): Promise<boolean> {
    const { reviewId, userId, reason, note } = report;
    const added = await transaction.execute(sql`
      INSERT INTO reports (review_id, user_id, reason, note) VALUES (${reviewId}, ${userId}, ${reason}, ${note ?? null}) ON CONFLICT DO NOTHING`);
    return added === 1;
  }

  async ofUser(userId: string): Promise<{ votes: object[]; reports: object[] }> {
    const [votes, reports] = await Promise.all([
      this.database.rows(sql`SELECT review_id AS "reviewId", helpful FROM votes WHERE user_id = ${userId}`),
      this.database.rows(sql`SELECT review_id AS "reviewId", reason, note, reported_at AS at FROM reports WHERE user_id = ${userId}`),
    ]);
    return { votes, reports };
  }
}
