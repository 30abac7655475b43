import { Injectable } from '@nestjs/common';
import { type Sql, sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

@Injectable()
export class ListingSummaryRepository {
  /**
   * Brings what lists read of these products up to date: the variant that the card shows with its price, MRP and picture, whether any variant is
   * in stock, and the terms that filters look for. The card shows the cheapest live variant, among equals one in stock. A product whose last
   * variant is gone keeps its price and is no longer listed.
   *
   * A term is the size, the colour, or both of a live variant, once plain and once with a mark: + in stock, - out of it. `some-out`: one of them
   * is out of stock, `out`: all are.
   *
   * The lock is a statement of its own: two transactions that each sell out one of a product's two variants would otherwise each count the
   * other's as still there. Locks are always taken in the order stock, then products, each by id.
   */
  async refresh(tx: Transaction, productIds: readonly string[]): Promise<void> {
    if (productIds.length === 0) return;
    const ids = [...new Set(productIds)].sort();
    await tx.execute(sql`SELECT 1 FROM products WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE`);
    await tx.execute(sql`
      UPDATE products p SET
        price = coalesce(now_live.price, p.price), mrp = coalesce(now_live.mrp, p.mrp),
        highest_price = coalesce(now_live.highest, p.price),
        variant_id = now_live.cheapest, cover = coalesce(
          (SELECT shown.images -> 0 FROM variants shown WHERE shown.id = now_live.cheapest),
          (SELECT picture FROM jsonb_array_elements(p.images) AS picture WHERE NOT picture ? 'color' LIMIT 1)),
        in_stock = coalesce(now_live.in_stock, false), listed = p.withdrawn_at IS NULL AND now_live.price IS NOT NULL,
        terms = coalesce(now_live.terms, '{}') || CASE WHEN now_live.in_stock THEN '{}' ELSE ARRAY['out'] END
          || CASE WHEN now_live.has_gaps THEN ARRAY['some-out'] ELSE '{}' END
      FROM unnest(${ids}::uuid[]) AS wanted (id)
      CROSS JOIN LATERAL (
        SELECT min(v.price) AS price, max(v.price) AS highest,
          (array_agg(v.mrp ORDER BY v.price, s.on_hand > s.reserved DESC, v.mrp, v.id))[1] AS mrp,
          (array_agg(v.id ORDER BY v.price, s.on_hand > s.reserved DESC, v.mrp, v.id))[1] AS cheapest,
          bool_or(s.on_hand > s.reserved) AS in_stock, bool_or(s.on_hand <= s.reserved) AS has_gaps, array_agg(DISTINCT t.term) AS terms
        FROM variants v JOIN stock s ON s.variant_id = v.id
        CROSS JOIN LATERAL (VALUES (''), (CASE WHEN s.on_hand > s.reserved THEN '+' ELSE '-' END)) AS mark (mark)
        CROSS JOIN LATERAL (VALUES (mark.mark || 'size:' || lower(v.size)), (mark.mark || 'color:' || lower(v.color)),
          (mark.mark || ${bothTerm(sql`v.size`, sql`v.color`)})) AS t (term)
        WHERE v.product_id = wanted.id AND v.withdrawn_at IS NULL) AS now_live
      WHERE p.id = wanted.id`);
  }
}

/** The length keeps apart what would read alike: both are free text. */
export const bothTerm = (size: Sql, color: Sql): Sql => sql`'both:' || length(lower(${size})) || ':' || lower(${size}) || lower(${color})`;
