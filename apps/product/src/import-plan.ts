import { v7 as uuidv7 } from 'uuid';
import type { KnownProduct, KnownVariant } from './import-catalogue.repository.ts';
import type { ImportRow } from './import-row.ts';
import { isReservedSlug } from './product.ts';
import { fileOf, type ProductPicture } from './product-files.ts';

/** A row that cannot be taken; the message is for the admin who sent it. */
export class WrongRow extends Error {
  override readonly name = 'WrongRow';
}

export interface PlannedVariant {
  readonly id: string;
  readonly sku: string | undefined;
  readonly size: string;
  readonly color: string;
  readonly price: number;
  readonly mrp: number;
  /** Units of a new variant. */
  readonly stock: number;
  /** Undefined: it is new. */
  readonly before: KnownVariant | undefined;
}

export interface PlannedProduct {
  readonly id: string;
  /** Asked for by the row; undefined: made from the name. */
  readonly slug: string | undefined;
  /** Undefined: it is new. */
  readonly before: KnownProduct | undefined;
  after: Omit<KnownProduct, 'id' | 'slug'>;
  readonly variants: Map<string, PlannedVariant>;
}

const PRODUCT_FIELDS = [
  'slug',
  'name',
  'description',
  'brand',
  'category',
  'hsn',
  'countryOfOrigin',
  'attributes',
  'images',
  'published',
] as const;

/** What a row says of its product. */
export const saidOf = (row: ImportRow): Record<string, unknown> =>
  Object.fromEntries(PRODUCT_FIELDS.flatMap((field) => (row[field] === undefined ? [] : [[field, row[field]]])));

const ID_MARK = 'id:';
const nameKey = (name: string, brand: string): string => `name:${name.toLowerCase()}\n${brand.toLowerCase()}`;

/** What the rows of a batch make of the catalogue, in memory: nothing is written before a row is known to be right. */
export class ImportPlan {
  readonly products = new Map<string, PlannedProduct>();
  private readonly bySlug = new Map<string, PlannedProduct>();
  private readonly byName = new Map<string, PlannedProduct>();
  private readonly bySku = new Map<string, PlannedProduct>();

  constructor(
    products: readonly KnownProduct[],
    variants: readonly KnownVariant[],
    /** Ids of categories by id, slug and name. */
    private readonly categories: ReadonlyMap<string, string>,
    /** Whether pages may show a picture of this address. */
    private readonly isAllowed: (url: string) => boolean,
  ) {
    for (const before of products) {
      const { id, slug, ...after } = before;
      const planned: PlannedProduct = { id, slug, before, after, variants: new Map() };
      this.products.set(id, planned);
      this.bySlug.set(slug, planned);
      // The eldest of several comes first.
      if (!this.byName.has(nameKey(after.name, after.brand))) this.byName.set(nameKey(after.name, after.brand), planned);
    }
    for (const before of variants) {
      const product = this.products.get(before.productId);
      product?.variants.set(before.id, { ...before, stock: 0, before });
      if (product !== undefined) this.bySku.set(before.sku.toLowerCase(), product);
    }
  }

  /** The product that the row is about, where there is one. @throws WrongRow */
  productOf({ sku, slug, name, brand }: ImportRow): PlannedProduct | undefined {
    const ofSku = sku === undefined ? undefined : this.bySku.get(sku.toLowerCase());
    const ofSlug = slug === undefined ? undefined : this.bySlug.get(slug);
    if (ofSku !== undefined && slug !== undefined && ofSlug !== ofSku) throw new WrongRow('sku: belongs to another product');
    if (ofSku !== undefined || slug !== undefined) return ofSku ?? ofSlug;
    return name === undefined || brand === undefined ? undefined : this.byName.get(nameKey(name, brand));
  }

  /** Under which names the row's product and variant are remembered for the rest of the file. */
  namesOf(row: ImportRow, product: PlannedProduct | undefined): { readonly product: string[]; readonly variant: string[] } {
    const { slug, name, brand, sku, size, color } = row;
    const ofProduct = [
      ...(product?.before === undefined ? [] : [`${ID_MARK}${product.id}`]),
      ...(slug === undefined ? [] : [`slug:${slug}`]),
      ...(slug !== undefined || name === undefined || brand === undefined ? [] : [nameKey(name, brand)]),
    ];
    const hasOption = size !== undefined && color !== undefined;
    return {
      product: ofProduct,
      variant: [
        ...(sku === undefined ? [] : [`sku:${sku.toLowerCase()}`]),
        ...(hasOption ? ofProduct.map((key) => `option:${key}\n${size.toLowerCase()}\n${color.toLowerCase()}`) : []),
      ],
    };
  }

  /** What the row would do. @throws WrongRow, and nothing is planned */
  take(row: ImportRow): 'created' | 'changed' | 'same' {
    const known = this.productOf(row);
    const after = known === undefined ? this.newFields(row) : this.changedFields(known, row);
    const variant = this.variantOf(row, known);
    const variants = new Map(known?.variants);
    if (variant !== undefined) variants.set(variant.id, variant);
    requirePublishable(row, known, { ...after, variants });
    const product: PlannedProduct = known ?? { id: uuidv7(), slug: row.slug, before: undefined, after, variants: new Map() };
    const isProductSame = known !== undefined && sameFields(known.after, after);
    const earlier = variant === undefined ? undefined : product.variants.get(variant.id);
    const isVariantSame = variant === undefined || (earlier !== undefined && sameVariant(earlier, variant));
    product.after = after;
    if (variant !== undefined) product.variants.set(variant.id, variant);
    this.remember(product, variant);
    if (known === undefined || (variant !== undefined && earlier === undefined)) return 'created';
    return isProductSame && isVariantSame ? 'same' : 'changed';
  }

  /** Does again what earlier rows of the file have said of the product that they are remembered under by this name. */
  remake(name: string, said: ImportRow): void {
    if (Object.keys(said).length === 0) return;
    try {
      const known = name.startsWith(ID_MARK) ? this.products.get(name.slice(ID_MARK.length)) : this.productOf(said);
      const after = known === undefined ? this.newFields(said) : this.withRow(known.after, said);
      const product: PlannedProduct = known ?? { id: uuidv7(), slug: said.slug, before: undefined, after, variants: new Map() };
      product.after = after;
      this.remember(product, undefined);
    } catch (error) {
      // Such as a category that was removed meanwhile: the row that comes now is told so.
      if (!(error instanceof WrongRow)) throw error;
    }
  }

  private remember(product: PlannedProduct, variant: PlannedVariant | undefined): void {
    this.products.set(product.id, product);
    if (product.slug !== undefined) this.bySlug.set(product.slug, product);
    const key = nameKey(product.after.name, product.after.brand);
    if (!this.byName.has(key)) this.byName.set(key, product);
    if (variant?.sku !== undefined) this.bySku.set(variant.sku.toLowerCase(), product);
  }

  private newFields(row: ImportRow): PlannedProduct['after'] {
    const { name, brand, category } = row;
    if (name === undefined || brand === undefined || category === undefined)
      throw new WrongRow(
        row.sku === undefined
          ? 'a new product needs name, brand and category'
          : `sku: there is none like ${row.sku}, and a new product needs name, brand and category`,
      );
    if (row.slug !== undefined && isReservedSlug(row.slug)) throw new WrongRow(`slug: ${row.slug} has a meaning of its own`);
    const before: PlannedProduct['after'] = {
      ...{ name, brand, description: '', categoryId: this.categoryOf(category), hsn: null, countryOfOrigin: null },
      ...{ attributes: {}, images: [], published: true },
    };
    return this.withRow(before, row);
  }

  private changedFields({ after }: PlannedProduct, row: ImportRow): PlannedProduct['after'] {
    return this.withRow(after, row);
  }

  private withRow(before: PlannedProduct['after'], row: ImportRow): PlannedProduct['after'] {
    const name = row.name ?? before.name;
    return {
      name,
      description: row.description ?? before.description,
      brand: row.brand ?? before.brand,
      categoryId: row.category === undefined ? before.categoryId : this.categoryOf(row.category),
      hsn: row.hsn ?? before.hsn,
      countryOfOrigin: row.countryOfOrigin ?? before.countryOfOrigin,
      attributes: row.attributes ?? before.attributes,
      images: row.images === undefined ? before.images : this.pictures(row.images, before.images, name),
      published: row.published ?? before.published,
    };
  }

  private categoryOf(text: string): string {
    const id = this.categories.get(text.toLowerCase());
    if (id === undefined) throw new WrongRow(`category: there is none called ${text}`);
    return id;
  }

  /** A picture that the product shows keeps its words and its colour. Files of storage are chosen by their owner, not by an import. */
  private pictures(urls: readonly string[], before: readonly ProductPicture[], name: string): readonly ProductPicture[] {
    return urls.map((url) => {
      const shown = before.find((picture) => picture.url === url);
      if (shown !== undefined) return shown;
      if (fileOf(url) !== undefined || !this.isAllowed(url)) throw new WrongRow(`images: ${url} may not be shown`);
      return { url, alt: name };
    });
  }

  /** Undefined where the row is about a product alone. */
  private variantOf(row: ImportRow, product: PlannedProduct | undefined): PlannedVariant | undefined {
    const { sku, size, color, price, mrp, stock } = row;
    if ([sku, size, color, price, mrp, stock].every((value) => value === undefined)) return undefined;
    const variants = [...(product?.variants.values() ?? [])];
    const ofSku = sku === undefined ? undefined : variants.find((variant) => variant.sku?.toLowerCase() === sku.toLowerCase());
    const ofOption = variants.find((variant) => isOption(variant, size ?? ofSku?.size, color ?? ofSku?.color));
    if (ofOption !== undefined && sku !== undefined && ofOption !== ofSku)
      throw new WrongRow(`size, color: the product has this choice as ${ofOption.sku ?? 'another variant'}`);
    const before = ofSku ?? ofOption;
    const next = {
      sku: ofSku?.sku ?? sku ?? before?.sku,
      size: size ?? before?.size,
      color: color ?? before?.color,
      price: price ?? before?.price,
      mrp: mrp ?? before?.mrp,
    };
    if (next.size === undefined || next.color === undefined || next.price === undefined || next.mrp === undefined)
      throw new WrongRow('a new variant needs size, color, price and mrp');
    if (next.price > next.mrp) throw new WrongRow('price: may not be above the mrp');
    const { size: itsSize, color: itsColor, price: itsPrice, mrp: itsMrp } = next;
    return {
      ...{ id: before?.id ?? uuidv7(), sku: next.sku, size: itsSize, color: itsColor, price: itsPrice, mrp: itsMrp },
      ...{ stock: before === undefined ? (stock ?? 0) : before.stock, before: before?.before },
    };
  }
}

const isOption = (variant: PlannedVariant, size: string | undefined, color: string | undefined): boolean =>
  variant.size.toLowerCase() === size?.toLowerCase() && variant.color.toLowerCase() === color?.toLowerCase();

const sameVariant = (one: PlannedVariant, other: PlannedVariant): boolean =>
  one.sku === other.sku && one.size === other.size && one.color === other.color && one.price === other.price && one.mrp === other.mrp;

/** Attributes in any order: jsonb keeps its own. */
const canonical = (fields: PlannedProduct['after']): string => {
  const { name, description, brand, categoryId, hsn, countryOfOrigin, attributes, images, published } = fields;
  const sorted = Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([name, description, brand, categoryId, hsn, countryOfOrigin, published, sorted, images.map(({ url }) => url)]);
};

export const sameFields = (one: PlannedProduct['after'], other: PlannedProduct['after']): boolean => canonical(one) === canonical(other);

/** A product that the row publishes by name must be complete; one that it says nothing of is shown as it is, as anywhere else. */
function requirePublishable(
  { published }: ImportRow,
  known: PlannedProduct | undefined,
  after: Pick<KnownProduct, 'hsn' | 'countryOfOrigin' | 'images'> & { readonly variants: ReadonlyMap<string, unknown> },
): void {
  if (published !== true || known?.after.published === true) return;
  const missing = [
    ...(after.variants.size === 0 ? ['mrp'] : []),
    ...(after.hsn === null ? ['hsn'] : []),
    ...(after.countryOfOrigin === null ? ['countryOfOrigin'] : []),
    ...(after.images.length === 0 ? ['images'] : []),
  ];
  if (missing.length > 0) throw new WrongRow(`published: the product cannot be published without ${missing.join(', ')}`);
}
