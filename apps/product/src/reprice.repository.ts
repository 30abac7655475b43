import { Injectable } from '@nestjs/common';
import type { NewPrice } from '#libs/contracts/product/staff';
import type { RepricedVariant } from '#libs/contracts/product/staff-views';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface PricedVariant {
  readonly id: string;
  readonly productId: string;
  readonly sku: string;
  readonly name: string;
  readonly size: string;
  readonly color: string;
  /** Paise. */
  readonly price: number;
  readonly mrp: number;
}

@Injectable()
export class RepriceRepository {
  /** The live variants that are named, as they are while their products are locked, in the order of ids like every edit's. */
  async lock(tx: Transaction, named: readonly NewPrice[]): Promise<PricedVariant[]> {
    const ids = named.flatMap(({ variantId }) => variantId ?? []);
    const skus = named.flatMap(({ sku }) => sku?.trim().toLowerCase() ?? []);
    const which = sql`v.withdrawn_at IS NULL AND (v.id = ANY(${ids}::uuid[]) OR lower(v.sku) = ANY(${skus}::text[]))`;
    await tx.execute(sql`
      SELECT 1 FROM products WHERE id IN (SELECT v.product_id FROM variants v WHERE ${which}) AND withdrawn_at IS NULL
      ORDER BY id FOR NO KEY UPDATE`);
    return tx.rows<PricedVariant>(sql`
      SELECT v.id, v.product_id AS "productId", v.sku, p.name, v.size, v.color, v.price, v.mrp
      FROM variants v JOIN products p ON p.id = v.product_id WHERE ${which} AND p.withdrawn_at IS NULL`);
  }

  async update(tx: Transaction, variants: readonly RepricedVariant[]): Promise<void> {
    await tx.execute(sql`
      UPDATE variants v SET price = new.price, mrp = new.mrp
      FROM unnest(${variants.map(({ variantId }) => variantId)}::uuid[], ${variants.map(({ price }) => price)}::bigint[],
        ${variants.map(({ mrp }) => mrp)}::bigint[]) AS new (id, price, mrp)
      WHERE v.id = new.id`);
  }
}
