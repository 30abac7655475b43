import { Injectable } from '@nestjs/common';
import type { Card, CardRef } from '#libs/contracts/product/messages';
import { availabilityOf } from '#libs/contracts/product/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';

interface CardRow extends Omit<Card, 'variantId' | 'size' | 'color' | 'availability'> {
  readonly variantId: string | null;
  readonly size: string | null;
  readonly color: string | null;
  readonly available: number;
}

@Injectable()
export class CardRepository {
  constructor(private readonly database: Database) {}

  /** One statement, however many are asked for. */
  async cards(refs: readonly CardRef[]): Promise<Card[]> {
    const rows = await this.database.rows<CardRow>(sql`
      WITH asked AS MATERIALIZED (
        SELECT DISTINCT product_id, variant_id
        FROM unnest(${refs.map(({ productId }) => productId)}::uuid[], ${refs.map(({ variantId }) => variantId ?? null)}::uuid[])
          AS ref (product_id, variant_id)
      ), found AS (
        SELECT p.id AS product_id, v.id AS variant_id, coalesce(v.images -> 0 ->> 'url', p.images -> 0 ->> 'url') AS image, v.size, v.color,
          v.price, v.mrp, s.on_hand - s.reserved AS available
        FROM asked JOIN variants v ON v.id = asked.variant_id AND v.product_id = asked.product_id AND v.withdrawn_at IS NULL
        JOIN products p ON p.id = v.product_id
        JOIN stock s ON s.variant_id = v.id
        UNION ALL
        SELECT p.id, NULL, coalesce(p.cover ->> 'url', p.images -> 0 ->> 'url'), NULL, NULL, p.price, p.mrp, (
          SELECT coalesce(sum(s.on_hand - s.reserved), 0)
          FROM variants v JOIN stock s ON s.variant_id = v.id WHERE v.product_id = p.id AND v.withdrawn_at IS NULL)
        FROM asked JOIN products p ON p.id = asked.product_id WHERE asked.variant_id IS NULL
      )
      SELECT p.id AS "productId", found.variant_id AS "variantId", p.name, p.slug, found.image, found.size, found.color, found.price, found.mrp,
        found.available, p.price_version AS "priceVersion"
      FROM found JOIN products p ON p.id = found.product_id WHERE p.withdrawn_at IS NULL AND p.published`);
    return rows.map(({ variantId, size, color, available, ...card }) => ({
      ...card,
      ...(variantId === null ? {} : { variantId, size: size ?? '', color: color ?? '' }),
      availability: availabilityOf(available),
    }));
  }
}
