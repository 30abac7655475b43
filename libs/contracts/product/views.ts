import { Decimal, Dictionary, Flag, ListOf, Nested, Nullable, OneOf, Paise, Text, TextList, Timestamp, Uuid, Whole } from '../fields.ts';
import { listOf, pageOf } from '../page.ts';

export class Picture {
  /** A path of this shop, or an absolute https address. */
  @Text(1, 500) url!: string;
  @Text(0, 200) alt!: string;
}

export class Rating {
  @Decimal(0, 5) average!: number;
  @Whole(0, 1_000_000_000) count!: number;
}

export class Product {
  @Uuid() id!: string;
  @Text(1, 200) slug!: string;
  @Text(1, 200) name!: string;
  @Text(0, 5000) description!: string;
  @Text(1, 100) brand!: string;
  @Uuid() categoryId!: string;
  /** The first shows the variant that `variantId` names. */
  @ListOf(() => Picture) images!: Picture[];
  /** The cheapest live variant, whose price this is and which the product's page opens on; null while there is none. */
  @Nullable() @Uuid() variantId!: string | null;
  /** Paise, GST included: the cheapest live variant's. */
  @Paise() price!: number;
  /** Another live variant costs more. */
  @Flag() priceVaries!: boolean;
  /** Paise: the maximum retail price of the same variant. */
  @Paise() mrp!: number;
  @OneOf(['INR']) currency!: string;
  @Nested(() => Rating) rating!: Rating;
  @Flag() inStock!: boolean;
  @Dictionary() attributes!: Record<string, string>;
  @Nullable() @Text(2, 8) hsn!: string | null;
  @Nullable() @Text(2, 60) countryOfOrigin!: string | null;
  @Timestamp() createdAt!: string;
}

export const AVAILABILITIES = ['in_stock', 'low_stock', 'out_of_stock'] as const;
export type Availability = (typeof AVAILABILITIES)[number];

/** Units up to which a variant is shown as nearly gone. */
export const LOW_STOCK = 5;

/** What the public may know of `available` units, when `quantity` of them are asked for. */
export function availabilityOf(available: number, quantity = 1): Availability {
  if (available < quantity) return 'out_of_stock';
  return available <= LOW_STOCK ? 'low_stock' : 'in_stock';
}

export class Variant {
  @Uuid() id!: string;
  @Text(1, 64) sku!: string;
  @Text(1, 30) size!: string;
  @Text(1, 60) color!: string;
  @Paise() price!: number;
  @Paise() mrp!: number;
  @OneOf(AVAILABILITIES) availability!: Availability;
  @ListOf(() => Picture) images!: Picture[];
}

export class ProductOptions {
  @TextList(1000, 1, 30) sizes!: string[];
  @TextList(1000, 1, 60) colors!: string[];
}

export class CategoryRef {
  @Uuid() id!: string;
  @Text(1, 100) name!: string;
  @Text(1, 100) slug!: string;
}

export class ProductDetail extends Product {
  @ListOf(() => Variant) variants!: Variant[];
  @Nested(() => ProductOptions) options!: ProductOptions;
  @Nested(() => CategoryRef) category!: CategoryRef;
}

export class ProductPage extends pageOf(Product) {
  /** Exact up to 10,000. */
  @Whole(0, 1_000_000_000) total!: number;
  @Flag() totalIsExact!: boolean;
}

export class Stock {
  /** Units in the warehouse. */
  @Whole(0, 1_000_000_000) onHand!: number;
  /** Units held by unpaid orders. */
  @Whole(0, 1_000_000_000) reserved!: number;
  @Whole(0, 1_000_000_000) available!: number;
}

export class Category {
  @Uuid() id!: string;
  @Text(1, 100) name!: string;
  @Text(1, 100) slug!: string;
  @Nullable() @Uuid() parentId!: string | null;
  @ListOf(() => Category) children!: Category[];
}

export class CategoryTree extends listOf(Category) {}
