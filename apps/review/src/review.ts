import type { Fit, Hold, Moderation, Review, ReviewImage, ReviewStatus, ReviewSummary } from '#libs/contracts/review/views';

/** A review as it is stored. */
export interface ReviewRow {
  readonly id: string;
  readonly product_id: string;
  readonly user_id: string | null;
  readonly author: string;
  readonly rating: number;
  readonly title: string | null;
  readonly body: string | null;
  readonly fit: Fit | null;
  readonly images: readonly ReviewImage[];
  readonly verified: boolean;
  readonly size: string | null;
  readonly status: ReviewStatus;
  readonly holds: readonly Hold[];
  readonly helpful_votes: number;
  readonly unhelpful_votes: number;
  readonly was_voted_on: boolean;
  readonly open_reports: number;
  readonly reply: string | null;
  readonly replied_at: Date | null;
  /** Counts its changes, for storage. */
  readonly files_version: number;
  readonly created_at: Date;
  readonly edited_at: Date | null;
}

/** What only staff see. */
export interface InnerSide {
  readonly reasons: Readonly<Record<string, number>>;
  readonly moderation: readonly Moderation[];
}

/** Name of an author whose account is gone. */
export const DELETED_USER = 'Deleted user';

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** `Asha R.`: the first word and the last one's initial. */
export function authorOf(name: string): string {
  const words = name.trim().split(/\s+/u);
  const [first = ''] = words;
  if (words.length < 2) return first;
  const [initial] = characters.segment(words.at(-1) ?? '');
  return `${first} ${initial?.segment ?? ''}.`;
}

/** Half up to two decimals; 0 for none. In whole numbers, for 4.005 is no number of a computer. */
export const averageOf = (stars: number, count: number): number =>
  count === 0 ? 0 : Math.floor((200 * stars + count) / (2 * count)) / 100;

/** The sums of a product as they are kept. */
export interface SummaryRow {
  readonly stars_1: number;
  readonly stars_2: number;
  readonly stars_3: number;
  readonly stars_4: number;
  readonly stars_5: number;
  readonly fit_small: number;
  readonly fit_true: number;
  readonly fit_large: number;
  readonly version: number;
  readonly sizes: ReviewSummary['fit']['sizes'];
}

type Stars = Pick<SummaryRow, 'stars_1' | 'stars_2' | 'stars_3' | 'stars_4' | 'stars_5'>;

export function ratingOf({ stars_1, stars_2, stars_3, stars_4, stars_5 }: Stars): { average: number; count: number } {
  const count = stars_1 + stars_2 + stars_3 + stars_4 + stars_5;
  return { average: averageOf(stars_1 + 2 * stars_2 + 3 * stars_3 + 4 * stars_4 + 5 * stars_5, count), count };
}

const NOTHING: SummaryRow = {
  ...{ stars_1: 0, stars_2: 0, stars_3: 0, stars_4: 0, stars_5: 0, fit_small: 0, fit_true: 0, fit_large: 0, version: 0, sizes: [] },
};

export function summaryOf(row: SummaryRow = NOTHING): ReviewSummary {
  return {
    ...ratingOf(row),
    histogram: { 1: row.stars_1, 2: row.stars_2, 3: row.stars_3, 4: row.stars_4, 5: row.stars_5 },
    fit: { small: row.fit_small, true: row.fit_true, large: row.fit_large, sizes: row.sizes },
  };
}

/** As everybody sees it. */
export function publicReview(row: ReviewRow): Review {
  return {
    ...{ id: row.id, productId: row.product_id, author: row.author, rating: row.rating },
    ...(row.title === null ? {} : { title: row.title }),
    ...(row.body === null ? {} : { body: row.body }),
    images: [...row.images],
    ...(row.fit === null ? {} : { fit: row.fit }),
    ...(row.size === null ? {} : { size: row.size }),
    ...{ verifiedPurchase: row.verified, status: row.status, helpfulCount: row.helpful_votes, unhelpfulCount: row.unhelpful_votes },
    ...(row.reply === null || row.replied_at === null ? {} : { reply: { body: row.reply, at: row.replied_at.toISOString() } }),
    createdAt: row.created_at.toISOString(),
    ...(row.edited_at === null ? {} : { editedAt: row.edited_at.toISOString() }),
  };
}

export const ownReview = (row: ReviewRow): Review => ({ ...publicReview(row), userId: row.user_id });

export const staffReview = (row: ReviewRow, { reasons, moderation }: InnerSide): Review => ({
  ...ownReview(row),
  holds: [...row.holds],
  reports: { count: row.open_reports, reasons: { ...reasons } },
  moderation: [...moderation],
});

/** What its author wrote: all that an edit replaces. */
export interface Written {
  readonly rating: number;
  readonly title: string | null;
  readonly body: string | null;
  readonly fit: Fit | null;
  readonly images: readonly ReviewImage[];
}

export const isSameText = (one: Written, other: Written): boolean =>
  one.rating === other.rating &&
  one.title === other.title &&
  one.body === other.body &&
  one.fit === other.fit &&
  one.images.length === other.images.length &&
  one.images.every(({ id }, index) => id === other.images[index]?.id);

/** Stars that count, or 0: what the product's rating takes from a review. */
export const starsThatCount = (row: Pick<ReviewRow, 'status' | 'rating'> | undefined): number =>
  row?.status === 'approved' ? row.rating : 0;
