import { Injectable } from '@nestjs/common';
import { type Sql, sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { ImportRow } from './import-row.ts';
import type { CategoryRow } from './product.ts';
import type { ProductPicture } from './product-files.ts';

export interface KnownProduct {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly brand: string;
  readonly categoryId: string;
  readonly hsn: string | null;
  readonly countryOfOrigin: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly images: readonly ProductPicture[];
  readonly published: boolean;
}

export interface KnownVariant {
  readonly id: string;
  readonly productId: string;
  readonly sku: string;
  readonly size: string;
  readonly color: string;
  readonly price: number;
  readonly mrp: number;
}

/** What is there of the products that rows name. */
@Injectable()
export class ImportCatalogueRepository {
  /** Their ids by SKU, slug, and name with brand, in that order of trust. Statements by the batch, however many rows there are. */
  async find(tx: Transaction, rows: readonly ImportRow[]): Promise<string[]> {
    const skus = rows.flatMap(({ sku }) => sku?.toLowerCase() ?? []);
    const slugs = rows.flatMap(({ slug }) => slug ?? []);
    const named = rows.flatMap(({ name, brand }) => (name === undefined || brand === undefined ? [] : [{ name, brand }]));
    const found = await tx.rows<{ id: string }>(sql`
      SELECT v.product_id AS id FROM variants v WHERE lower(v.sku) = ANY(${skus}::text[]) AND v.withdrawn_at IS NULL
      UNION SELECT id FROM products WHERE slug = ANY(${slugs}::text[]) AND withdrawn_at IS NULL
      UNION SELECT p.id FROM unnest(${named.map(({ name }) => name)}::text[], ${named.map(({ brand }) => brand)}::text[]) AS named (name, brand)
        JOIN products p ON lower(p.name) = lower(named.name) AND lower(p.brand) = lower(named.brand) AND p.withdrawn_at IS NULL`);
    return found.map(({ id }) => id);
  }

  /** Locked before products, as by every edit: none of them can be removed before the transaction ends. Answers those that are there. */
  async holdCategories(tx: Transaction, names: readonly string[] | 'all'): Promise<CategoryRow[]> {
    const called = (asked: readonly string[]): Sql =>
      sql`WHERE id::text = ANY(${asked}::text[]) OR slug = ANY(${asked}::text[]) OR lower(name) = ANY(${asked}::text[])`;
    return tx.rows<CategoryRow>(sql`
      SELECT id, name, slug, parent_id AS "parentId" FROM categories ${names === 'all' ? sql`` : called(names)}
      ORDER BY id FOR KEY SHARE`);
  }

  /** Locked as by any edit, in the order of ids; the eldest first. */
  async products(tx: Transaction, ids: readonly string[]): Promise<KnownProduct[]> {
    await tx.execute(sql`SELECT 1 FROM products WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE`);
    return tx.rows<KnownProduct>(sql`
      SELECT id, slug, name, description, brand, category_id AS "categoryId", hsn, country_of_origin AS "countryOfOrigin", attributes, images,
        published
      FROM products WHERE id = ANY(${ids}::uuid[]) AND withdrawn_at IS NULL ORDER BY created_at, id`);
  }

  variants(tx: Transaction, productIds: readonly string[]): Promise<KnownVariant[]> {
    return tx.rows<KnownVariant>(sql`
      SELECT id, product_id AS "productId", sku, size, color, price, mrp FROM variants
      WHERE product_id = ANY(${productIds}::uuid[]) AND withdrawn_at IS NULL`);
  }
}
