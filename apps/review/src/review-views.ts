import { Injectable } from '@nestjs/common';
import type { Review } from '#libs/contracts/review/views';
import { ModerationRepository } from './moderation.repository.ts';
import { Pictures } from './pictures.ts';
import { ownReview, publicReview, type ReviewRow, staffReview } from './review.ts';

const NOTHING_INNER = { reasons: {}, moderation: [] };

/** Reviews as each kind of reader sees them. */
@Injectable()
export class ReviewViews {
  constructor(
    private readonly moderations: ModerationRepository,
    private readonly pictures: Pictures,
  ) {}

  /** Approved ones. */
  forEverybody(rows: readonly ReviewRow[]): Review[] {
    return rows.map(publicReview);
  }

  async forAuthor(rows: readonly ReviewRow[]): Promise<Review[]> {
    return (await this.pictures.opened(rows)).map(ownReview);
  }

  async forStaff(rows: readonly ReviewRow[]): Promise<Review[]> {
    const [inner, opened] = await Promise.all([this.moderations.innerSides(rows.map(({ id }) => id)), this.pictures.opened(rows)]);
    return opened.map((row) => staffReview(row, inner.get(row.id) ?? NOTHING_INNER));
  }

  async oneForAuthor(row: ReviewRow): Promise<Review> {
    return (await this.forAuthor([row]))[0] as Review;
  }

  async oneForStaff(row: ReviewRow): Promise<Review> {
    return (await this.forStaff([row]))[0] as Review;
  }
}
