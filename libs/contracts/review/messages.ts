import { Decimal, OneOf, Timestamp, Uuid, UuidList, Whole } from '../fields.ts';

/** The rating of a product as it is now: absolute, and counted by `version`, so that the highest one stands. */
export class RatingChanged {
  @Uuid() productId!: string;
  /** Stars, half up to two decimals; 0 without reviews. */
  @Decimal(0, 5) average!: number;
  @Whole(0, 1_000_000_000) count!: number;
  @Whole(1, Number.MAX_SAFE_INTEGER) version!: number;
}

/** Time to ask what a buyer thinks of what was delivered. */
export class RequestDue {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
  @UuidList(1, 50) productIds!: string[];
}

/** What staff did with a review, for its author; who did it and why stays inside. */
export class ReviewUpdated {
  @Uuid() reviewId!: string;
  @Uuid() userId!: string;
  @OneOf(['hidden', 'approved', 'replied']) kind!: 'hidden' | 'approved' | 'replied';
  @Timestamp() at!: string;
}

/** Products whose reviews are stale. */
export class ReviewsChanged {
  @UuidList(0, 100) productIds!: string[];
}

export class OrderOfUser {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
}

export class ProductsToAskFor {
  @UuidList(0, 50) productIds!: string[];
}
