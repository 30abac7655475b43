import {
  Dictionary,
  Flag,
  Label,
  ListOf,
  Means,
  Nullable,
  OneOf,
  Optional,
  Paise,
  SomeOf,
  Text,
  Timestamp,
  Uuid,
  Whole,
} from '../fields.ts';
import { pageOf } from '../page.ts';

/** What a product must have before it is sold; each named as its field. */
export const NEEDED_FOR_SALE = ['mrp', 'hsn', 'countryOfOrigin', 'images'] as const;
export type NeededForSale = (typeof NEEDED_FOR_SALE)[number];

export class MissingForSale {
  @Means('What publishing needs; `mrp`: there is no variant, and so no MRP.') @SomeOf(NEEDED_FOR_SALE, 0) missing!: NeededForSale[];
}

/** A product as staff find it. */
export class StaffProduct extends MissingForSale {
  @Uuid() id!: string;
  @Text(1, 200) slug!: string;
  @Text(1, 200) name!: string;
  @Text(1, 100) brand!: string;
  @Uuid() categoryId!: string;
  @Means('False: a draft.') @Flag() published!: boolean;
  @Nullable() @Text(1, 500) image!: string | null;
  @Means("The cheapest variant's.") @Paise() price!: number;
  @Paise() mrp!: number;
  @Means('Variants that are not withdrawn.') @Whole(0, 1_000_000) variantCount!: number;
  @Means('Units of all its variants that can be sold.') @Whole(0, Number.MAX_SAFE_INTEGER) available!: number;
  @Timestamp() createdAt!: string;
}
export class StaffProductPage extends pageOf(StaffProduct) {
  @Means('Products that fit; exact up to 10,000.') @Whole(0, 10_000) total!: number;
  @Means('False where there are more than 10,000.') @Flag() totalIsExact!: boolean;
}

export class StaffPicture {
  @Text(1, 500) url!: string;
  @Text(0, 200) alt!: string;
  @Means('The colour that it shows.') @Optional() @Text(1, 60) color?: string;
}

export class StaffVariant {
  @Uuid() id!: string;
  @Text(1, 64) sku!: string;
  @Text(1, 30) size!: string;
  @Text(1, 60) color!: string;
  @Paise() price!: number;
  @Paise() mrp!: number;
  @Means('Units in the warehouse.') @Whole(0, 1_000_000_000) onHand!: number;
  @Means('Units held by unpaid orders.') @Whole(0, 1_000_000_000) reserved!: number;
  @Means('Units that can be sold.') @Whole(0, 1_000_000_000) available!: number;
}

/** A product with all that its editor shows. */
export class StaffProductDetail extends StaffProduct {
  @Text(0, 5000) description!: string;
  @Dictionary() attributes!: Record<string, string>;
  @Nullable() @Text(2, 8) hsn!: string | null;
  @Nullable() @Text(2, 60) countryOfOrigin!: string | null;
  @ListOf(() => StaffPicture) images!: StaffPicture[];
  @ListOf(() => StaffVariant) variants!: StaffVariant[];
}

export const MOVEMENTS = ['count', 'correction', 'sale', 'return'] as const;
export type MovementKind = (typeof MOVEMENTS)[number];

/** An entry of the stock book. */
export class StockMovement {
  @Uuid() id!: string;
  @OneOf(MOVEMENTS) kind!: MovementKind;
  @Means('Units; negative: they left.') @Whole(-1_000_000_000, 1_000_000_000) change!: number;
  @Means('Units in the warehouse afterwards.') @Whole(0, 1_000_000_000) onHand!: number;
  @Nullable() @Text(1, 200) reason!: string | null;
  @Means('The user who counted or corrected; of a sale or a return the order.') @Nullable() @Uuid() causedBy!: string | null;
  @Timestamp() at!: string;
}
export class StockMovementPage extends pageOf(StockMovement) {}

/** A price that customers saw. */
export class PastPrice {
  @Paise() price!: number;
  @Paise() mrp!: number;
  @Means('Up to then; null: it is the present one.') @Nullable() @Timestamp() until!: string | null;
}
export class PriceHistory extends pageOf(PastPrice) {
  @Means('The lowest of the last 30 days, today included.') @Paise() lowestPrice30Days!: number;
}

export class RowError {
  @Means('From 1.') @Whole(1, 10_000_000) row!: number;
  @Text(1, 1000) message!: string;
}

export class RepricedVariant {
  @Uuid() productId!: string;
  @Uuid() variantId!: string;
  @Label(1, 64) sku!: string;
  @Text(1, 200) name!: string;
  @Text(1, 30) size!: string;
  @Text(1, 60) color!: string;
  @Paise() priceBefore!: number;
  @Paise() mrpBefore!: number;
  @Paise() price!: number;
  @Paise() mrp!: number;
}
export class Repricing {
  @Means('False: a preview, or a row is wrong and nothing was changed.') @Flag() applied!: boolean;
  @Means('Rows whose price or MRP is another than before.') @Whole(0, 10_000) changed!: number;
  @ListOf(() => RepricedVariant) items!: RepricedVariant[];
  @ListOf(() => RowError) errors!: RowError[];
}

export class ImportRef {
  @Uuid() id!: string;
}
export const IMPORT_STATUSES = ['running', 'done'] as const;
export type ImportStatus = (typeof IMPORT_STATUSES)[number];

export class ImportError {
  @Means('As a spreadsheet counts: the head is row 1.') @Whole(2, 10_000_000) row!: number;
  @Text(1, 1000) message!: string;
}
export class ImportProgress {
  @OneOf(IMPORT_STATUSES) status!: ImportStatus;
  @Means('True: nothing is changed, and the counts say what would be.') @Flag() dryRun!: boolean;
  @Means('Rows of the file, without its head.') @Whole(0, 10_000_000) rows!: number;
  @Means('Rows that were looked at.') @Whole(0, 10_000_000) done!: number;
  @Means('Rows that made a variant, or a product without one.') @Whole(0, 10_000_000) created!: number;
  @Means('Rows that changed something that was there.') @Whole(0, 10_000_000) changed!: number;
  @Means('Rows with an error.') @Whole(0, 10_000_000) failed!: number;
  @Means('The first 1,000.') @ListOf(() => ImportError) errors!: ImportError[];
}
