import { Injectable } from '@nestjs/common';
import type { Quote } from '#libs/contracts/product/messages';
import { availabilityOf, type Picture, type Product, type ProductDetail, type SizeChart } from '#libs/contracts/product/views';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { joined, type Sql, sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { LOWEST_PRICE } from './price-history.repository.ts';
import { isUuid, jsonText, skuFor, slugsFor } from './product.ts';
import type { ProductPicture } from './product-files.ts';
import { chartFor } from './size-chart.repository.ts';

interface VariantRow {
  readonly id: string;
  readonly sku: string;
  readonly size: string;
  readonly color: string;
  readonly price: number;
  readonly mrp: number;
  readonly lowestPrice30Days: number;
  readonly images: Picture[];
  readonly available: number;
}

interface DetailRow {
  readonly id: string;
  readonly card: string;
  readonly published: boolean;
  readonly categoryId: string;
  readonly categoryName: string;
  readonly categorySlug: string;
  readonly sizeChart: SizeChart | null;
}

export interface ProductFields {
  readonly name: string;
  readonly description: string;
  readonly brand: string;
  readonly categoryId: string;
  readonly images: readonly ProductPicture[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly hsn: string | null;
  readonly countryOfOrigin: string | null;
  readonly published: boolean;
}

export interface VariantFields {
  readonly sku?: string;
  readonly size: string;
  readonly color: string;
  /** Paise. */
  readonly price: number;
  readonly mrp: number;
}

/** What a product costs at least, and which variant of it. */
export interface ProductPrice {
  readonly variantId: string;
  readonly price: number;
  readonly version: number;
}

@Injectable()
export class ProductRepository {
  constructor(private readonly database: Database) {}

  /** By id or slug; undefined when unknown, withdrawn or a draft. Two statements, however many variants there are. */
  detail(ref: string): Promise<ProductDetail | undefined> {
    if (ref.includes('\0')) return Promise.resolve(undefined);
    return this.read(this.database, sql`${isUuid(ref) ? sql`p.id = ${ref}` : sql`p.slug = ${ref}`} AND p.published`);
  }

  /** As its admin left it in this transaction, drafts too. */
  edited(tx: Transaction, id: string): Promise<ProductDetail | undefined> {
    return this.read(tx, sql`p.id = ${id}`);
  }

  private async read(queries: Queries, which: Sql): Promise<ProductDetail | undefined> {
    const found = await queries.row<DetailRow>(sql`
      SELECT p.id, cards.card, p.published, c.id AS "categoryId", c.name AS "categoryName", c.slug AS "categorySlug",
        (${chartFor(sql`c.path`, sql`p.brand`)}) AS "sizeChart"
      FROM products p JOIN product_cards cards ON cards.product_id = p.id JOIN categories c ON c.id = p.category_id
      WHERE ${which} AND p.withdrawn_at IS NULL`);
    if (found === undefined) return undefined;
    const variants = await queries.rows<VariantRow>(sql`
      SELECT v.id, v.sku, v.size, v.color, v.price, v.mrp, ${LOWEST_PRICE} AS "lowestPrice30Days", v.images, s.on_hand - s.reserved AS available
      FROM variants v JOIN stock s ON s.variant_id = v.id
      WHERE v.product_id = ${found.id} AND v.withdrawn_at IS NULL ORDER BY v.id`);
    return {
      // Written by the database alone.
      ...(JSON.parse(found.card) as Product),
      published: found.published,
      sizeChart: found.sizeChart,
      category: { id: found.categoryId, name: found.categoryName, slug: found.categorySlug },
      options: {
        sizes: [...new Set(variants.map(({ size }) => size))],
        colors: [...new Set(variants.map(({ color }) => color))],
      },
      variants: variants.map(({ available, ...variant }) => ({ ...variant, availability: availabilityOf(available) })),
    };
  }

  /** Of a product by id or slug; undefined when unknown or withdrawn. */
  async idOf(ref: string): Promise<string | undefined> {
    if (ref.includes('\0')) return undefined;
    const row = await this.database.row<{ id: string }>(
      sql`SELECT id FROM products WHERE ${isUuid(ref) ? sql`id = ${ref}` : sql`slug = ${ref}`} AND withdrawn_at IS NULL AND published`,
    );
    return row?.id;
  }

  /** The hottest statement of the service: read fresh at every cart and every checkout. */
  quote(variantIds: readonly string[]): Promise<Quote[]> {
    return this.database.rows<Quote>(sql`
      SELECT v.id AS "variantId", p.id AS "productId", v.sku, p.name, p.brand, v.size, v.color,
        coalesce(v.images -> 0 ->> 'url', p.images -> 0 ->> 'url') AS image, v.price, p.hsn, c.path AS "categoryIds",
        s.on_hand - s.reserved AS available
      FROM variants v
      JOIN products p ON p.id = v.product_id
      JOIN categories c ON c.id = p.category_id
      JOIN stock s ON s.variant_id = v.id
      WHERE v.id = ANY(${variantIds}::uuid[]) AND v.withdrawn_at IS NULL AND p.withdrawn_at IS NULL AND p.published`);
  }

  /** False when there is no such category; it cannot be removed before the transaction ends. */
  async holdCategory(tx: Transaction, id: string): Promise<boolean> {
    return (await tx.execute(sql`SELECT 1 FROM categories WHERE id = ${id} FOR KEY SHARE`)) === 1;
  }

  /** Edits of one product take turns, and each sees what the one before it left. Answers the slug; undefined when unknown or withdrawn. */
  async lock(tx: Transaction, id: string): Promise<string | undefined> {
    const row = await tx.row<{ slug: string }>(sql`SELECT slug FROM products WHERE id = ${id} AND withdrawn_at IS NULL FOR NO KEY UPDATE`);
    return row?.slug;
  }

  /** Answers the slug: the one that is asked for, or one that is made of the name. @throws where the one that is asked for is taken */
  async insert(tx: Transaction, id: string, fields: ProductFields, asked?: string): Promise<string> {
    for (const slug of asked === undefined ? slugsFor(fields.name, id, 'product') : [asked]) {
      const inserted = await tx.execute(sql`
        INSERT INTO products (id, slug, name, description, brand, category_id, images, attributes, hsn, country_of_origin, published)
        VALUES (${id}, ${slug}, ${fields.name}, ${fields.description}, ${fields.brand}, ${fields.categoryId}, ${jsonText(fields.images)}::jsonb,
          ${jsonText(fields.attributes)}::jsonb, ${fields.hsn}, ${fields.countryOfOrigin}, ${fields.published})
        ON CONFLICT (slug) DO NOTHING`);
      if (inserted === 1) return slug;
    }
    throw new Error('no slug is free: 48 random bits were taken');
  }

  async update(tx: Transaction, id: string, changes: Partial<ProductFields>): Promise<void> {
    const columns: Sql[] = [];
    if (changes.name !== undefined) columns.push(sql`name = ${changes.name}`);
    if (changes.description !== undefined) columns.push(sql`description = ${changes.description}`);
    if (changes.brand !== undefined) columns.push(sql`brand = ${changes.brand}`);
    if (changes.categoryId !== undefined) columns.push(sql`category_id = ${changes.categoryId}`);
    if (changes.images !== undefined) columns.push(sql`images = ${jsonText(changes.images)}::jsonb`);
    if (changes.attributes !== undefined) columns.push(sql`attributes = ${jsonText(changes.attributes)}::jsonb`);
    if (changes.hsn !== undefined) columns.push(sql`hsn = ${changes.hsn}`);
    if (changes.countryOfOrigin !== undefined) columns.push(sql`country_of_origin = ${changes.countryOfOrigin}`);
    if (changes.published !== undefined) columns.push(sql`published = ${changes.published}`);
    if (columns.length > 0) await tx.execute(sql`UPDATE products SET ${joined(columns, ', ')} WHERE id = ${id}`);
  }

  /**
   * Counts changes of price of a product that the transaction has locked, after its summary was brought up to date; `version` is that of the
   * last. Undefined where nobody sees the price.
   */
  nextPrice(tx: Transaction, id: string, changes = 1): Promise<ProductPrice | undefined> {
    return tx.row<ProductPrice>(sql`
      UPDATE products SET price_version = price_version + ${changes}::int WHERE id = ${id} AND variant_id IS NOT NULL AND published
      RETURNING variant_id AS "variantId", price, price_version AS version`);
  }

  /** With its variants. The slug and the SKUs are free again: the rows, which orders name, give them up. */
  async withdraw(tx: Transaction, id: string): Promise<boolean> {
    const withdrawn = await tx.execute(sql`
      UPDATE products SET withdrawn_at = now(), listed = false, slug = slug || '~' || id WHERE id = ${id} AND withdrawn_at IS NULL`);
    if (withdrawn === 0) return false;
    await tx.execute(sql`
      UPDATE variants SET withdrawn_at = now(), sku = sku || '~' || id WHERE product_id = ${id} AND withdrawn_at IS NULL`);
    return true;
  }

  /** New variants begin without stock. @throws a unique violation of `variants_sku`, `variants_sku_without_case` or `variants_option`. */
  async insertVariants(
    tx: Transaction,
    product: { id: string; slug: string },
    variants: readonly (VariantFields & { id: string })[],
  ): Promise<void> {
    if (variants.length === 0) return;
    await tx.execute(sql`
      WITH made AS (
        INSERT INTO variants (id, product_id, sku, size, color, price, mrp)
        SELECT id, ${product.id}::uuid, sku, size, color, price, mrp
        FROM unnest(${variants.map(({ id }) => id)}::uuid[],
          ${variants.map(({ id, sku, color, size }) => sku ?? skuFor(product.slug, color, size, id))}::text[],
          ${variants.map(({ size }) => size)}::text[], ${variants.map(({ color }) => color)}::text[],
          ${variants.map(({ price }) => price)}::bigint[], ${variants.map(({ mrp }) => mrp)}::bigint[]) AS v (id, sku, size, color, price, mrp)
        RETURNING id)
      INSERT INTO stock (variant_id, on_hand) SELECT id, 0 FROM made`);
  }

  /** Of a product that the transaction has locked. */
  variant(tx: Transaction, productId: string, variantId: string): Promise<VariantFields | undefined> {
    return tx.row<VariantFields>(sql`
      SELECT sku, size, color, price, mrp FROM variants WHERE id = ${variantId} AND product_id = ${productId} AND withdrawn_at IS NULL`);
  }

  async updateVariant(tx: Transaction, variantId: string, { sku, size, color, price, mrp }: VariantFields): Promise<void> {
    await tx.execute(sql`
      UPDATE variants SET sku = ${sku}, size = ${size}, color = ${color}, price = ${price}, mrp = ${mrp} WHERE id = ${variantId}`);
  }

  /** Of all its pictures, also when it is withdrawn. */
  async pictureAddresses(id: string, queries: Queries = this.database): Promise<string[]> {
    const row = await queries.row<{ images: ProductPicture[] }>(sql`SELECT images FROM products WHERE id = ${id}`);
    return (row?.images ?? []).map(({ url }) => url);
  }

  async nextFilesVersion(tx: Transaction, id: string): Promise<number> {
    const row = await tx.row<{ version: number }>(sql`
      UPDATE products SET files_version = files_version + 1 WHERE id = ${id} RETURNING files_version AS version`);
    return row?.version ?? 0;
  }

  /** The pictures of these live variants, or of all, become those that show their colour. */
  async paint(tx: Transaction, productId: string, variantIds?: readonly string[]): Promise<void> {
    await tx.execute(sql`
      UPDATE variants v SET images = (
        SELECT coalesce(jsonb_agg(picture - 'color' ORDER BY place), '[]')
        FROM products p, jsonb_array_elements(p.images) WITH ORDINALITY AS pictures (picture, place)
        WHERE p.id = v.product_id AND lower(picture ->> 'color') = lower(v.color))
      WHERE v.product_id = ${productId} AND v.withdrawn_at IS NULL
        ${when(variantIds !== undefined, () => sql`AND v.id = ANY(${variantIds}::uuid[])`)}`);
  }

  /** Its SKU, size and colour are free again: the row, which orders name, gives the SKU up. */
  async withdrawVariant(tx: Transaction, productId: string, variantId: string): Promise<boolean> {
    const touched = await tx.execute(sql`
      UPDATE variants SET withdrawn_at = now(), sku = sku || '~' || id
      WHERE id = ${variantId} AND product_id = ${productId} AND withdrawn_at IS NULL`);
    return touched === 1;
  }
}
