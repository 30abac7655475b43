import { Flag, ListOf, Means, Nullable, OneOf, Optional, Paise, Text, Timestamp, Uuid, UuidList, Whole } from '../fields.ts';
import { listOf } from '../page.ts';
import { AVAILABILITIES, type Availability } from './views.ts';

export class Variants {
  @UuidList(0, 50) variantIds!: string[];
}

/** A variant as carts and orders need it. */
export class Quote {
  @Uuid() variantId!: string;
  @Uuid() productId!: string;
  @Text(1, 64) sku!: string;
  @Text(1, 200) name!: string;
  @Text(1, 100) brand!: string;
  @Text(1, 30) size!: string;
  @Text(1, 60) color!: string;
  @Nullable() @Text(1, 500) image!: string | null;
  @Paise() price!: number;
  @Nullable() @Text(2, 8) hsn!: string | null;
  /** The category and its ancestors. */
  @UuidList(0, 20) categoryIds!: string[];
  /** Units that a new order can take. */
  @Whole(0, 1_000_000_000) available!: number;
}
/** Variants that do not exist or were withdrawn are missing. */
export class QuoteList extends listOf(Quote) {}

export class CardRef {
  @Uuid() productId!: string;
  @Optional() @Uuid() variantId?: string;
}
export class CardsAsked {
  @ListOf(() => CardRef, 0, 200) refs!: CardRef[];
}

/** A product, or a variant of it, as others show it: of a product the price is that of its cheapest live variant. */
export class Card {
  @Uuid() productId!: string;
  @Optional() @Uuid() variantId?: string;
  @Text(1, 200) name!: string;
  @Text(1, 200) slug!: string;
  @Nullable() @Text(1, 500) image!: string | null;
  @Optional() @Text(1, 30) size?: string;
  @Optional() @Text(1, 60) color?: string;
  @Paise() price!: number;
  @Paise() mrp!: number;
  /** Of one unit; of a product: of any of its variants. */
  @OneOf(AVAILABILITIES) availability!: Availability;
  /** Of the last `product.priceChanged` of this product; 0 before the first. */
  @Whole(0, Number.MAX_SAFE_INTEGER) priceVersion!: number;
}
/** A card for each different reference, in no particular order. Unknown and withdrawn ones, and variants of another product, are missing. */
export class CardList extends listOf(Card) {}

export class OrderLine {
  @Uuid() variantId!: string;
  @Whole(1, 1000) quantity!: number;
}
export class Reserve {
  @Uuid() orderId!: string;
  /** One line a variant. */
  @ListOf(() => OrderLine, 1, 50) lines!: OrderLine[];
  /** Seconds until the order expires; the reservation outlives it by `HOLD_GRACE_SECONDS`. */
  @Whole(1, 86_400) ttlSeconds!: number;
}
export class Shortage {
  @Uuid() variantId!: string;
  @Means('Units that can be had now.') @Whole(0, 1_000_000_000) available!: number;
}
export class Reserved {
  /** False when a line is short, and when the order was already undone. */
  @Flag() held!: boolean;
  @ListOf(() => Shortage) shortages!: Shortage[];
}
export class Committed {
  /** False when the reservation had been released and the stock is gone. */
  @Flag() committed!: boolean;
}

export class SaleFailed {
  @Uuid() orderId!: string;
}

/** More units of a variant can be had than before: a count, a release, an expiry, a return. */
export class StockRose {
  @Uuid() productId!: string;
  @Uuid() variantId!: string;
  /** Rises add up, in whatever order they come. */
  @Whole(1, 1_000_000_000) by!: number;
  @Whole(1, 1_000_000_000) available!: number;
  @Paise() price!: number;
}

/** The price of a variant is another, or what its product costs at least. */
export class PriceChanged {
  @Uuid() productId!: string;
  @Uuid() variantId!: string;
  /** Of the variant. */
  @Paise() price!: number;
  /** Of the product: that of its cheapest live variant. */
  @Paise() productPrice!: number;
  /** Counts the changes of price of the product and its variants. */
  @Whole(1, Number.MAX_SAFE_INTEGER) version!: number;
}

/** Gone for good: a variant, or without one the product with all of its variants. */
export class Withdrawn {
  @Uuid() productId!: string;
  @Optional() @Uuid() variantId?: string;
  @Timestamp() at!: string;
}

export class CatalogueChange {
  /** Products whose pages are stale. */
  @UuidList(0, 100) productIds!: string[];
}
