import { Flag, ListOf, Means, Nullable, Paise, Text, Uuid, UuidList, Whole } from '../fields.ts';
import { listOf } from '../page.ts';

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

export class CatalogueChange {
  /** Products whose pages are stale. */
  @UuidList(0, 100) productIds!: string[];
}
