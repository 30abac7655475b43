import { contract, event, operation, signal } from '../contract.ts';
import {
  Attributes,
  Decimal,
  Flag,
  Label,
  ListOf,
  Means,
  Nullable,
  OneOf,
  Optional,
  Paise,
  Pattern,
  Text,
  Uuid,
  Whole,
  Words,
} from '../fields.ts';
import { ById, ByOrder, Nothing, PageQuery } from '../page.ts';
import { FilesUsed } from '../storage/messages.ts';
import {
  CardList,
  CardsAsked,
  CatalogueChange,
  Committed,
  PriceChanged,
  QuoteList,
  Reserve,
  Reserved,
  SaleFailed,
  StockRose,
  Variants,
  Withdrawn,
} from './messages.ts';
import { Category, CategoryTree, Mrp, Price, ProductDetail, ProductPage, Stock } from './views.ts';

export const PRODUCT_SORTS = ['newest', 'price_asc', 'price_desc', 'popular', 'rating'] as const;

export class ProductFilter extends PageQuery {
  @Means('Id or slug; includes its descendants.') @Optional() @Text(1, 100) category?: string;
  @Optional() @Label(1, 100) brand?: string;
  @Optional() @Label(1, 30) size?: string;
  @Optional() @Label(1, 60) color?: string;
  @Means('Of a variant, inclusive.') @Optional() @Paise() minPrice?: number;
  @Means('Of a variant, inclusive.') @Optional() @Paise() maxPrice?: number;
  @Means('True: a variant that fits can be had.') @Optional() @Flag() inStock?: boolean;
  @Means('Average of at least so many stars, of five.') @Optional() @Decimal(0, 5) minRating?: number;
  @OneOf(PRODUCT_SORTS) sort: string = 'newest';
}

export class ProductRef {
  @Means('Id or slug.') @Text(1, 200) id!: string;
}

/** `.` and `..` between slashes, however often they are encoded: they would name another place than the one that is read. */
const DOT_SEGMENT = /[^?#]*(?:\/|%(?:25)*(?:2[Ff]|5[Cc]))(?:\.|%(?:25)*2[Ee]){1,2}(?:[/?#]|%(?:25)*(?:2[Ff]|5[Cc])|$)/u;
const WITH_HTTPS = /[Hh][Tt]{2}[Pp][Ss]:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?(?:[/?][^\p{C}\s\\<>"'`]*)?/u;
const PATH_HERE = /\/(?![/\\])[^\p{C}\s\\<>"'`]*/u;
/** An absolute https address, or a path of this shop; not `//host`, and nothing that could end an attribute. */
const PICTURE_ADDRESS = new RegExp(`^(?!${DOT_SEGMENT.source})(?:${WITH_HTTPS.source}|${PATH_HERE.source})$`, 'u');

export class NewPicture {
  @Means('An own file of purpose `product`; either this or `url`.') @Optional() @Uuid() fileId?: string;
  @Optional() @Text(1, 500) @Pattern(PICTURE_ADDRESS, 'must be an absolute https address or a path of this shop') url?: string;
  @Means('What the picture shows, for who cannot see it.') @Text(0, 200) alt!: string;
  @Means('The colour that it shows; the pictures of a colour are those of its variants.') @Optional() @Label(1, 60) color?: string;
}

export class NewVariant {
  @Optional() @Label(1, 64) sku?: string;
  @Label(1, 30) size!: string;
  @Label(1, 60) color!: string;
  @Price(100) price!: number;
  @Mrp(100) mrp!: number;
}

export class NewProduct {
  @Words(1, 200) name!: string;
  @Text(0, 5000) description: string = '';
  @Label(1, 100) brand!: string;
  @Uuid() categoryId!: string;
  @ListOf(() => NewPicture, 0, 20) images: NewPicture[] = [];
  @Attributes() attributes: Record<string, string> = {};
  @Optional() @Pattern(/^\d{2,8}$/, 'must be 2 to 8 digits') hsn?: string;
  @Optional() @Words(2, 60) countryOfOrigin?: string;
  @ListOf(() => NewVariant, 0, 1000) variants: NewVariant[] = [];
}

export class EditProduct {
  @Uuid() id!: string;
  @Optional() @Words(1, 200) name?: string;
  @Optional() @Text(0, 5000) description?: string;
  @Optional() @Label(1, 100) brand?: string;
  @Optional() @Uuid() categoryId?: string;
  @Optional() @ListOf(() => NewPicture, 0, 20) images?: NewPicture[];
  @Optional() @Attributes() attributes?: Record<string, string>;
  @Optional() @Pattern(/^\d{2,8}$/, 'must be 2 to 8 digits') hsn?: string;
  @Optional() @Words(2, 60) countryOfOrigin?: string;
}

export class AddVariant extends NewVariant {
  @Uuid() id!: string;
}
export class VariantRef {
  @Uuid() id!: string;
  @Uuid() variantId!: string;
}
export class EditVariant extends VariantRef {
  @Optional() @Label(1, 64) sku?: string;
  @Optional() @Label(1, 30) size?: string;
  @Optional() @Label(1, 60) color?: string;
  @Optional() @Price(100) price?: number;
  @Optional() @Mrp(100) mrp?: number;
}
export class SetStock extends VariantRef {
  @Means('The new count of units in the warehouse; either this or `delta` with a reason.')
  @Optional()
  @Whole(0, 10_000_000)
  onHand?: number;
  @Means('Added to the count; with a reason.') @Optional() @Whole(-10_000_000, 10_000_000) delta?: number;
  @Optional() @Words(1, 200) reason?: string;
}
/** Lower-case words joined by hyphens, at most 100 characters, and no id: a category is found by either. */
const Slug = (): PropertyDecorator => (target, property) => {
  Text(1, 100)(target, property);
  Pattern(
    /^(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$)[a-z0-9]+(-[a-z0-9]+)*$/,
    'must be lower-case words joined by hyphens, and no id',
  )(target, property);
};

export class NewCategory {
  @Words(1, 100) name!: string;
  @Optional() @Slug() slug?: string;
  @Optional() @Nullable() @Uuid() parentId?: string | null;
}
export class EditCategory {
  @Uuid() id!: string;
  @Optional() @Words(1, 100) name?: string;
  @Optional() @Slug() slug?: string;
  @Optional() @Nullable() @Uuid() parentId?: string | null;
}

const TAKEN = { 'product.sku_taken': 'conflict', 'product.option_taken': 'conflict', 'product.price_above_mrp': 'bad_request' } as const;

export const productApi = contract('product', {
  operations: {
    list: operation({
      summary: 'The catalogue, filtered and paged',
      access: 'public',
      http: 'GET /products',
      in: ProductFilter,
      out: ProductPage,
      hot: true,
    }),
    detail: operation({
      summary: 'One product with its variants',
      description: 'Found by its id or its slug. How many there are is not told; `availability` says whether a variant can be had.',
      access: 'public',
      http: 'GET /products/:id',
      in: ProductRef,
      out: ProductDetail,
      hot: true,
    }),
    categories: operation({
      summary: 'The category tree',
      access: 'public',
      http: 'GET /categories',
      in: Nothing,
      out: CategoryTree,
      hot: true,
    }),
    create: operation({
      summary: 'Add a product',
      access: 'admin',
      http: 'POST /products',
      in: NewProduct,
      out: ProductDetail,
      status: 201,
      errors: TAKEN,
    }),
    edit: operation({ summary: 'Change a product', access: 'admin', http: 'PATCH /products/:id', in: EditProduct, out: ProductDetail }),
    remove: operation({ summary: 'Withdraw a product', access: 'admin', http: 'DELETE /products/:id', in: ById }),
    addVariant: operation({
      summary: 'Add a variant',
      access: 'admin',
      http: 'POST /products/:id/variants',
      in: AddVariant,
      out: ProductDetail,
      status: 201,
      errors: TAKEN,
    }),
    editVariant: operation({
      summary: 'Change a variant',
      access: 'admin',
      http: 'PATCH /products/:id/variants/:variantId',
      in: EditVariant,
      out: ProductDetail,
      errors: TAKEN,
    }),
    removeVariant: operation({
      summary: 'Withdraw a variant',
      access: 'admin',
      http: 'DELETE /products/:id/variants/:variantId',
      in: VariantRef,
    }),
    stock: operation({
      summary: 'Exact stock of a variant',
      access: 'staff',
      http: 'GET /products/:id/variants/:variantId/stock',
      in: VariantRef,
      out: Stock,
    }),
    setStock: operation({
      summary: 'Count or correct stock',
      oneOf: [['delta', 'reason'], ['onHand']],
      access: 'staff',
      http: 'PUT /products/:id/variants/:variantId/stock',
      in: SetStock,
      out: Stock,
      idempotent: true,
      errors: { 'product.below_reserved': 'conflict' },
    }),
    createCategory: operation({
      summary: 'Add a category',
      access: 'admin',
      http: 'POST /categories',
      in: NewCategory,
      out: Category,
      status: 201,
      errors: { 'product.slug_taken': 'conflict' },
    }),
    editCategory: operation({
      summary: 'Rename or move a category',
      access: 'admin',
      http: 'PATCH /categories/:id',
      in: EditCategory,
      out: Category,
      errors: { 'product.slug_taken': 'conflict', 'product.category_cycle': 'conflict' },
    }),
    removeCategory: operation({
      summary: 'Remove an unused category',
      access: 'admin',
      http: 'DELETE /categories/:id',
      in: ById,
      errors: { 'product.category_in_use': 'conflict' },
    }),
    quote: operation({
      summary: 'Prices and availability of variants',
      access: 'internal',
      in: Variants,
      out: QuoteList,
      lane: 'checkout',
    }),
    cards: operation({
      summary: 'Products and variants as other services show them',
      access: 'internal',
      in: CardsAsked,
      out: CardList,
    }),
    reserve: operation({
      summary: 'Hold stock for an order: all lines or none',
      access: 'internal',
      in: Reserve,
      out: Reserved,
      lane: 'checkout',
    }),
    commit: operation({ summary: 'The held stock is sold', access: 'internal', in: ByOrder, out: Committed, lane: 'checkout' }),
    release: operation({
      summary: 'Give held stock back; without a reservation, forbid a later one',
      access: 'internal',
      in: ByOrder,
      lane: 'checkout',
    }),
  },
  events: {
    filesUsed: event({ summary: 'The files that a product shows', version: 1, data: FilesUsed, subscribers: ['storage'] }),
    saleFailed: event({
      summary: 'The stock of a confirmed order is gone: it cannot be sold',
      version: 1,
      data: SaleFailed,
      subscribers: ['order'],
      lane: 'checkout',
    }),
    stockRose: event({
      summary: 'More units of a variant can be had than before',
      version: 1,
      data: StockRose,
      subscribers: ['wishlist'],
      batched: ['wishlist'],
    }),
    priceChanged: event({
      summary: 'The price of a variant, or the lowest of its product, is another',
      version: 1,
      data: PriceChanged,
      subscribers: ['wishlist'],
    }),
    withdrawn: event({ summary: 'A product or a variant is withdrawn', version: 1, data: Withdrawn, subscribers: ['wishlist'] }),
  },
  signals: {
    changed: signal({ summary: 'Catalogue or stock changed', data: CatalogueChange }),
  },
});
