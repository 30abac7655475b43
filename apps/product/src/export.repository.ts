import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';

export interface ExportRow {
  readonly productId: string;
  readonly variantId: string | null;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly brand: string;
  readonly category: string;
  readonly hsn: string | null;
  readonly countryOfOrigin: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly images: readonly { readonly url: string }[];
  readonly published: boolean;
  readonly sku: string | null;
  readonly size: string | null;
  readonly color: string | null;
  readonly price: number | null;
  readonly mrp: number | null;
  readonly stock: number | null;
}

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

@Injectable()
export class ExportRepository {
  constructor(private readonly database: Database) {}

  /** Variants by product; a product without one is a row too. Beyond `last`. */
  page(last: Pick<ExportRow, 'productId' | 'variantId'> | undefined, limit: number): Promise<ExportRow[]> {
    const { productId = BEFORE_ALL, variantId = null } = last ?? {};
    return this.database.rows<ExportRow>(sql`
      SELECT p.id AS "productId", v.id AS "variantId", p.slug, p.name, p.description, p.brand, c.slug AS category, p.hsn,
        p.country_of_origin AS "countryOfOrigin", p.attributes, p.images, p.published, v.sku, v.size, v.color, v.price, v.mrp, s.on_hand AS stock
      FROM products p JOIN categories c ON c.id = p.category_id
        LEFT JOIN (variants v JOIN stock s ON s.variant_id = v.id) ON v.product_id = p.id AND v.withdrawn_at IS NULL
      WHERE p.withdrawn_at IS NULL AND p.id >= ${productId}::uuid AND (p.id > ${productId}::uuid OR v.id > ${variantId}::uuid)
      ORDER BY p.id, v.id LIMIT ${limit}`);
  }
}
