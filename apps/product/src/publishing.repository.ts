import { Injectable } from '@nestjs/common';
import type { NeededForSale } from '#libs/contracts/product/staff-views';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** Of a product `p`: what publishing needs and it lacks, as `text[]`. */
export const MISSING = sql`array_remove(ARRAY[
  CASE WHEN NOT EXISTS (SELECT 1 FROM variants v WHERE v.product_id = p.id AND v.withdrawn_at IS NULL) THEN 'mrp' END,
  CASE WHEN p.hsn IS NULL THEN 'hsn' END,
  CASE WHEN p.country_of_origin IS NULL THEN 'countryOfOrigin' END,
  CASE WHEN p.images = '[]' THEN 'images' END], NULL)`;

export interface PricedVariant {
  readonly id: string;
  /** Paise. */
  readonly price: number;
  readonly available: number;
}

@Injectable()
export class PublishingRepository {
  async isPublished(tx: Transaction, id: string): Promise<boolean> {
    const row = await tx.row<{ published: boolean }>(sql`SELECT published FROM products WHERE id = ${id}`);
    return row?.published === true;
  }

  async missing(tx: Transaction, id: string): Promise<NeededForSale[]> {
    const row = await tx.row<{ missing: NeededForSale[] }>(sql`SELECT ${MISSING} AS missing FROM products p WHERE p.id = ${id}`);
    return row?.missing ?? [];
  }

  variants(tx: Transaction, id: string): Promise<PricedVariant[]> {
    return tx.rows<PricedVariant>(sql`
      SELECT v.id, v.price, s.on_hand - s.reserved AS available FROM variants v JOIN stock s ON s.variant_id = v.id
      WHERE v.product_id = ${id} AND v.withdrawn_at IS NULL ORDER BY v.id`);
  }
}
