import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { isUuid } from '../product.ts';

/** Products that a page shows beside one. */
const SHOWN = 8;
/** Of them, those that others bought with it come first. */
const BOUGHT_TOGETHER = 4;
/** Products of an order that are noted as bought together: of a larger one nobody can say what goes with what. */
const MOST_TOGETHER = 10;

/** What goes with a product: what was bought together with it, then what is of its category and nearest to its price. */
@Injectable()
export class RelatedRepository {
  constructor(private readonly database: Database) {}

  /** Cards (JSON) of products in stock; undefined where there is no such product. */
  async cards(ref: string): Promise<string[] | undefined> {
    if (ref.includes('\0')) return undefined;
    const rows = await this.database.rows<{ card: string | null }>(sql`
      WITH shown AS MATERIALIZED (
        SELECT id, category_id, price FROM products p WHERE ${isUuid(ref) ? sql`p.id = ${ref}` : sql`p.slug = ${ref}`} AND withdrawn_at IS NULL AND published
      ), together AS (
        SELECT p.id, row_number() OVER (ORDER BY b.orders DESC, p.id) AS place
        FROM shown JOIN bought_together b ON b.product_id = shown.id JOIN products p ON p.id = b.other_id AND p.listed AND p.in_stock
        ORDER BY b.orders DESC, p.id LIMIT ${BOUGHT_TOGETHER}
      ), dearer AS (
        SELECT p.id, p.price - shown.price AS distance FROM shown CROSS JOIN LATERAL (
          SELECT id, price FROM products o WHERE o.listed AND o.category_id = shown.category_id AND o.in_stock AND o.id <> shown.id
            AND o.price >= shown.price ORDER BY o.price, o.id LIMIT ${SHOWN + BOUGHT_TOGETHER}) AS p
      ), cheaper AS (
        SELECT p.id, shown.price - p.price AS distance FROM shown CROSS JOIN LATERAL (
          SELECT id, price FROM products o WHERE o.listed AND o.category_id = shown.category_id AND o.in_stock AND o.id <> shown.id
            AND o.price < shown.price ORDER BY o.price DESC, o.id DESC LIMIT ${SHOWN + BOUGHT_TOGETHER}) AS p
      ), near AS (
        SELECT id, ${BOUGHT_TOGETHER} + row_number() OVER (ORDER BY distance, id) AS place
        FROM (SELECT * FROM dearer UNION ALL SELECT * FROM cheaper) AS both_sides WHERE id NOT IN (SELECT id FROM together)
      )
      SELECT cards.card FROM shown
      LEFT JOIN (SELECT * FROM together UNION ALL SELECT * FROM near ORDER BY place LIMIT ${SHOWN}) AS related ON true
      LEFT JOIN product_cards cards ON cards.product_id = related.id ORDER BY related.place`);
    return rows.length === 0 ? undefined : rows.flatMap(({ card }) => (card === null ? [] : [card]));
  }

  /** Notes which products these orders had together. */
  async noteOrders(tx: Transaction, orderIds: readonly string[]): Promise<void> {
    await tx.execute(sql`
      WITH bought AS MATERIALIZED (
        SELECT DISTINCT l.order_id, v.product_id FROM reservation_lines l JOIN variants v ON v.id = l.variant_id
        WHERE l.order_id = ANY(${orderIds}::uuid[])
      ), sized AS (
        SELECT order_id FROM bought GROUP BY order_id HAVING count(*) BETWEEN 2 AND ${MOST_TOGETHER}
      )
      INSERT INTO bought_together AS kept (product_id, other_id, orders)
      SELECT one.product_id, other.product_id, count(*) FROM sized
      JOIN bought one USING (order_id) JOIN bought other USING (order_id)
      WHERE one.product_id <> other.product_id GROUP BY one.product_id, other.product_id ORDER BY one.product_id, other.product_id
      ON CONFLICT (product_id, other_id) DO UPDATE SET orders = kept.orders + excluded.orders, last_at = now()`);
  }
}
