import { Injectable } from '@nestjs/common';
import type { ReviewImage } from '#libs/contracts/review/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { type Sql, sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { ReviewRow, Written } from './review.ts';

export interface NewReview extends Written {
  readonly id: string;
  readonly productId: string;
  readonly userId: string;
  readonly author: string;
  readonly namesContact: boolean;
}

export interface VersionRow extends Written {
  readonly written_at: Date;
}

/** Former versions of a review that are kept. */
const KEPT_VERSIONS = 100;
/** Unverified posts of a day that are shown at once. */
const SHOWN_IN_A_DAY = 5;

const imagesOf = (images: readonly ReviewImage[]): string => JSON.stringify(images);
const hiddenBefore = (userId: string): Sql =>
  sql`EXISTS (SELECT FROM hidden_marks WHERE user_id = ${userId} AND hidden_at > now() - interval '90 days')`;
/** The reasons that hold, as an array. */
const holdsOf = (contact: boolean, hidden: Sql, many: Sql): Sql => sql`array_remove(ARRAY[
  CASE WHEN ${contact}::boolean THEN 'contact' END, CASE WHEN ${hidden} THEN 'hidden_before' END, CASE WHEN ${many} THEN 'many' END], NULL)`;

/** Reviews as their authors write them. Triggers keep the sums (`migrations`). */
@Injectable()
export class ReviewRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  find(id: string, transaction?: Transaction): Promise<ReviewRow | undefined> {
    return (transaction ?? this.database).row<ReviewRow>(sql`SELECT * FROM reviews WHERE id = ${id}`);
  }

  /** `owner`: only that user's. */
  lock(transaction: Transaction, id: string, owner?: string): Promise<ReviewRow | undefined> {
    return transaction.row<ReviewRow>(sql`
      SELECT * FROM reviews WHERE id = ${id} ${when(owner !== undefined, () => sql`AND user_id = ${owner}`)} FOR NO KEY UPDATE`);
  }

  /** Undefined when the author has a review of the product. To be called with the author held: what they bought and posted stays as it is. */
  async insert(transaction: Transaction, { userId, productId, ...review }: NewReview): Promise<ReviewRow | undefined> {
    const posted = sql`(SELECT count(*) FROM unverified_posts WHERE user_id = ${userId} AND posted_at > now() - interval '24 hours')`;
    return transaction.row<ReviewRow>(sql`
      WITH held AS (
        SELECT bought.user_id IS NOT NULL AS verified, bought.size, ${holdsOf(
          review.namesContact,
          hiddenBefore(userId),
          sql`bought.user_id IS NULL AND ${posted} >= ${SHOWN_IN_A_DAY}::int`,
        )} AS holds
        FROM (SELECT 1) AS one LEFT JOIN purchases bought ON bought.user_id = ${userId} AND bought.product_id = ${productId}
      ), made AS (
        INSERT INTO reviews (id, product_id, user_id, author, rating, title, body, fit, images, verified, size, holds, status)
        SELECT ${review.id}::uuid, ${productId}::uuid, ${userId}::uuid, ${review.author}::text, ${review.rating}::smallint, ${review.title}::text,
          ${review.body}::text, ${review.fit}::text, ${imagesOf(review.images)}::jsonb, verified, size, holds,
          CASE WHEN holds = '{}' THEN 'approved' ELSE 'pending' END
        FROM held ON CONFLICT (user_id, product_id) DO NOTHING RETURNING *
      ), posts AS (
        INSERT INTO unverified_posts (review_id, user_id) SELECT id, user_id FROM made WHERE NOT verified)
      SELECT * FROM made`);
  }

  async idOf(transaction: Transaction, userId: string, productId: string): Promise<string | undefined> {
    const found = await transaction.row<{ id: string }>(
      sql`SELECT id FROM reviews WHERE user_id = ${userId} AND product_id = ${productId}`,
    );
    return found?.id;
  }

  /** Writes the present text to the history, which keeps the newest, and the new one in its place. To be called with the review locked. */
  async replace(
    transaction: Transaction,
    { id, user_id }: ReviewRow,
    { author, namesContact, ...written }: Written & { author: string; namesContact: boolean },
  ): Promise<ReviewRow> {
    const replaced = await transaction.row<ReviewRow>(sql`
      WITH former AS (
        INSERT INTO versions (review_id, written_at, rating, title, body, fit, images)
        SELECT id, coalesce(edited_at, created_at), rating, title, body, fit, images FROM reviews WHERE id = ${id}
      ), outnumbered AS (
        DELETE FROM versions WHERE review_id = ${id} AND written_at < (
          SELECT written_at FROM versions WHERE review_id = ${id} ORDER BY written_at DESC OFFSET ${KEPT_VERSIONS - 2} LIMIT 1)
      ), held AS (
        SELECT id, ${holdsOf(namesContact, hiddenBefore(user_id ?? ''), sql`'many' = ANY(holds) AND NOT verified`)} AS found FROM reviews WHERE id = ${id})
      UPDATE reviews SET author = ${author}, rating = ${written.rating}, title = ${written.title}, body = ${written.body}, fit = ${written.fit},
        images = ${imagesOf(written.images)}::jsonb, holds = held.found, edited_at = clock_timestamp(), files_version = files_version + 1,
        status = CASE WHEN status = 'hidden' OR held.found <> '{}' THEN 'pending' ELSE 'approved' END
      FROM held WHERE reviews.id = held.id RETURNING reviews.*`);
    if (replaced === undefined) throw new Error('a review that is locked is gone');
    return replaced;
  }

  async remove(transaction: Transaction, id: string): Promise<void> {
    await transaction.execute(sql`DELETE FROM reviews WHERE id = ${id}`);
  }

  async ofUser(userId: string, limit: number, cursor: string | undefined): Promise<{ items: ReviewRow[]; nextCursor: string | null }> {
    const list = `reviews of ${userId}`;
    const rows = await this.database.rows<ReviewRow>(sql`
      SELECT * FROM reviews WHERE user_id = ${userId}
        ${when(cursor !== undefined, () => sql`AND id < ${this.cursors.decode(cursor as string, list)[0]}::uuid`)}
      ORDER BY id DESC LIMIT ${limit + 1}`);
    return pageOf(rows, limit, ({ id }) => this.cursors.encode([id], list));
  }

  versions(id: string): Promise<VersionRow[]> {
    return this.database.rows<VersionRow>(sql`
      SELECT written_at, rating, title, body, fit, images FROM versions WHERE review_id = ${id} ORDER BY written_at DESC`);
  }
}
