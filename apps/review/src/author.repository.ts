import { Injectable } from '@nestjs/common';
import { Refusal, refuse } from '#libs/contracts/errors';
import { REVIEW_LIMITS } from '#libs/contracts/review/api';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type ReviewEnv, reviewEnv } from './review.env.ts';

type Deed = keyof typeof REVIEW_LIMITS;

const COLUMNS = {
  posts: { used: sql`posts`, since: sql`posts_since` },
  votes: { used: sql`votes`, since: sql`votes_since` },
  reports: { used: sql`reports`, since: sql`reports_since` },
};

/** What people do here. Their row is locked until the transaction ends, so that what one person does takes turns. */
@Injectable()
export class AuthorRepository {
  constructor(@InjectEnvironment(reviewEnv) private readonly env: ReviewEnv) {}

  /** Counts a deed. Throws `rate_limited` with the seconds until the hour is over; a refused request rolls it back, and counts nowhere. */
  async count(transaction: Transaction, userId: string, deed: Deed): Promise<void> {
    const { used, since } = COLUMNS[deed];
    const limit = Math.max(1, Math.floor(REVIEW_LIMITS[deed] * this.env.RATE_LIMIT_SCALE));
    const counted = await transaction.execute(sql`
      INSERT INTO authors AS kept (user_id, ${used}, ${since}) VALUES (${userId}, 1, now())
      ON CONFLICT (user_id) DO UPDATE SET active_at = now(),
        ${used} = CASE WHEN kept.${since} > now() - interval '1 hour' THEN kept.${used} + 1 ELSE 1 END,
        ${since} = CASE WHEN kept.${since} > now() - interval '1 hour' THEN kept.${since} ELSE now() END
      WHERE NOT kept.is_erased AND (kept.${used} < ${limit}::int OR kept.${since} <= now() - interval '1 hour')`);
    if (counted === 1) return;
    const known = await transaction.row<{ is_erased: boolean; wait: number }>(sql`
      SELECT is_erased, extract(epoch FROM ${since} + interval '1 hour' - now())::float8 AS wait FROM authors WHERE user_id = ${userId}`);
    if (known?.is_erased === true) throw refuse('unauthenticated');
    const seconds = Math.max(1, Math.ceil(known?.wait ?? 1));
    throw new Refusal('rate_limited', 'rate_limited', `Try again in ${seconds} s`, {}, seconds);
  }

  /** False when the account is erased. */
  async hold(transaction: Transaction, userId: string): Promise<boolean> {
    const held = await transaction.row<{ is_erased: boolean }>(sql`
      INSERT INTO authors (user_id) VALUES (${userId}) ON CONFLICT (user_id) DO UPDATE SET active_at = now() RETURNING is_erased`);
    return held?.is_erased === false;
  }

  async noteErased(transaction: Transaction, userId: string): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO authors (user_id, is_erased) VALUES (${userId}, true) ON CONFLICT (user_id) DO UPDATE SET is_erased = true, active_at = now()`);
  }
}
