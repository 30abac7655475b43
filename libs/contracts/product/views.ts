import {
  all,
  Decimal,
  Dictionary,
  Flag,
  Label,
  ListOf,
  Means,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Paise,
  Text,
  TextList,
  Timestamp,
  Uuid,
  Whole,
} from '../fields.ts';
import { listOf, pageOf } from '../page.ts';

export class Picture {
  @Means('A path of this shop, or an absolute https address.') @Text(1, 500) url!: string;
  @Means('What the picture shows, for who cannot see it.') @Text(0, 200) alt!: string;
}

export class Rating {
  @Means('Stars, 0 to 5; 0 without reviews.') @Decimal(0, 5) average!: number;
  @Means('Reviews that it is the average of.') @Whole(0, 1_000_000_000) count!: number;
}

export class Product {
  @Uuid() id!: string;
  @Means("The product's name in addresses; good wherever its id is.") @Text(1, 200) slug!: string;
  @Text(1, 200) name!: string;
  @Text(0, 5000) description!: string;
  @Text(1, 100) brand!: string;
  @Uuid() categoryId!: string;
  @Means('The first shows the variant that `variantId` names.') @ListOf(() => Picture) images!: Picture[];
  @Means("The cheapest live variant, whose price this is and which the product's page opens on; null while there is none.")
  @Nullable()
  @Uuid()
  variantId!: string | null;
  @Means("The cheapest live variant's, GST included.") @Paise() price!: number;
  @Means('Another live variant costs more.') @Flag() priceVaries!: boolean;
  @Means('The maximum retail price of the same variant.') @Paise() mrp!: number;
  @OneOf(['INR']) currency!: string;
  @Nested(() => Rating) rating!: Rating;
  @Means('A live variant can be had.') @Flag() inStock!: boolean;
  @Dictionary() attributes!: Record<string, string>;
  @Means('Its number in the tariff of the GST.') @Nullable() @Text(2, 8) hsn!: string | null;
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

/** What a customer pays for one unit of a variant. */
export const Price = (min = 0): PropertyDecorator =>
  all(Means('What a customer pays for one, GST included; never above `mrp`.'), Paise(min));
export const Mrp = (min = 0): PropertyDecorator => all(Means('The maximum retail price, as it is printed on the goods.'), Paise(min));

export class Variant {
  @Uuid() id!: string;
  @Text(1, 64) sku!: string;
  @Text(1, 30) size!: string;
  @Text(1, 60) color!: string;
  @Price() price!: number;
  @Mrp() mrp!: number;
  @Means('The lowest price of the last 30 days, today included; what a reduction is measured by.') @Paise() lowestPrice30Days!: number;
  @Means('`low_stock`: five or fewer are left.') @OneOf(AVAILABILITIES) availability!: Availability;
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

export const SIZE_UNITS = ['cm', 'in'] as const;
export type SizeUnit = (typeof SIZE_UNITS)[number];

export class SizeRow {
  @Label(1, 30) size!: string;
  @Means('One for each of `measures`: `92`, or `92–96`.') @TextList(20, 0, 30) values!: string[];
}
/** Which body a size fits. */
export class SizeChart {
  @Uuid() id!: string;
  @Means('And the categories below it that have none of their own.') @Uuid() categoryId!: string;
  @Means('null: every brand that has none of its own.') @Nullable() @Text(1, 100) brand!: string | null;
  @OneOf(SIZE_UNITS) unit!: SizeUnit;
  @Means('What is measured: `Bust`, `Waist`.') @TextList(20, 1, 60) measures!: string[];
  @ListOf(() => SizeRow) sizes!: SizeRow[];
  @Nullable() @Text(1, 1000) note!: string | null;
}
export class SizeChartList extends listOf(SizeChart) {}

export class ProductDetail extends Product {
  @Means('False: a draft, which only staff see.') @Flag() published!: boolean;
  @ListOf(() => Variant) variants!: Variant[];
  @Nested(() => ProductOptions) options!: ProductOptions;
  @Nested(() => CategoryRef) category!: CategoryRef;
  @Means("Of its brand and category, else of the brand above it, else the category's.")
  @Nullable()
  @Nested(() => SizeChart)
  sizeChart!: SizeChart | null;
}

export class FacetValue {
  @Means('What the filter takes; of a category its id.') @Text(1, 100) value!: string;
  @Means("A category's name.") @Optional() @Text(1, 100) label?: string;
  @Means('Products that there would be with this value chosen, the other filters as they are.') @Whole(0, 1_000_000_000) count!: number;
}

export class PriceRange {
  @Means('0 where nothing fits.') @Paise() min!: number;
  @Means('0 where nothing fits.') @Paise() max!: number;
}

export class Facets {
  @ListOf(() => FacetValue) sizes!: FacetValue[];
  @ListOf(() => FacetValue) colors!: FacetValue[];
  @ListOf(() => FacetValue) brands!: FacetValue[];
  @Means('With their descendants, as the filter takes them.') @ListOf(() => FacetValue) categories!: FacetValue[];
  @Means('Of the variants that fit the other filters.') @Nested(() => PriceRange) price!: PriceRange;
}

export class ProductPage extends pageOf(Product) {
  @Means('Products that fit the filters; exact up to 10,000.') @Whole(0, 1_000_000_000) total!: number;
  @Means('False where there are more than 10,000.') @Flag() totalIsExact!: boolean;
  @Means('How many products there would be with another choice; the 300 most frequent values of each.')
  @Nested(() => Facets)
  facets!: Facets;
}

export class Stock {
  @Means('Units in the warehouse.') @Whole(0, 1_000_000_000) onHand!: number;
  @Means('Units held by unpaid orders.') @Whole(0, 1_000_000_000) reserved!: number;
  @Means('Units that can be sold: onHand − reserved.') @Whole(0, 1_000_000_000) available!: number;
}

export class Category {
  @Uuid() id!: string;
  @Text(1, 100) name!: string;
  @Text(1, 100) slug!: string;
  @Means('null at the top.') @Nullable() @Uuid() parentId!: string | null;
  @ListOf(() => Category) children!: Category[];
}

export class CategoryTree extends listOf(Category) {}
