import { Injectable } from '@nestjs/common';
import { notFound } from '#libs/contracts/errors';
import type { Order, OrderStatus } from '#libs/contracts/order/views';
import { linked } from '#libs/observability/tracing';
import { fromNow } from '#libs/persistence/claim';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { joined, type Sql, sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { type CouponHold, type ItemRow, type OrderRow, type OrderWithItems, orderOf } from './order-row.ts';

type Reader = Pick<Database, 'row' | 'rows'>;

/** The columns of an `OrderWithItems`, of the row in `orders`. */
export const WITH_ITEMS = sql`orders.*, (SELECT json_agg(order_items ORDER BY position) FROM order_items WHERE order_id = orders.id) AS items`;

/** As `isVisible` in `order.ts`. */
export const VISIBLE = sql`status NOT IN ('placing', 'refused')`;

/** Reads and creates orders; `checkout.repository.ts` and `order-changes.repository.ts` move them. */
@Injectable()
export class OrderRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** A visible order. `userId`: only that user's. */
  async find(id: string, userId: string | undefined, reader: Reader = this.database): Promise<Order | undefined> {
    const row = linked(
      await reader.row<OrderWithItems>(
        sql`SELECT ${WITH_ITEMS} FROM orders WHERE id = ${id} AND ${VISIBLE} ${when(userId !== undefined, () => sql`AND user_id = ${userId}`)}`,
      ),
    );
    return row === undefined ? undefined : orderOf(row, row.items);
  }

  /** As `find`. Throws `not_found`. */
  async get(id: string, userId: string | undefined): Promise<Order> {
    const order = await this.find(id, userId);
    if (order === undefined) throw notFound();
    return order;
  }

  async findRow(id: string): Promise<{ order: OrderRow; items: readonly ItemRow[] } | undefined> {
    const row = await this.database.row<OrderWithItems>(sql`SELECT ${WITH_ITEMS} FROM orders WHERE id = ${id}`);
    return row === undefined ? undefined : { order: row, items: row.items };
  }

  async history(
    userId: string,
    status: OrderStatus | undefined,
    limit: number,
    cursor: string | undefined,
  ): Promise<{ items: Order[]; nextCursor: string | null }> {
    const list = `orders ${userId} ${status ?? ''}`;
    const conditions: Sql[] = [sql`user_id = ${userId}`, VISIBLE];
    if (status !== undefined) conditions.push(sql`status = ${status}`);
    if (cursor !== undefined) conditions.push(sql`id < ${this.cursors.decode(cursor, list)[0]}::uuid`);
    const rows = await this.database.rows<OrderWithItems>(
      sql`SELECT ${WITH_ITEMS} FROM orders WHERE ${joined(conditions, ' AND ')} ORDER BY id DESC LIMIT ${limit + 1}`,
    );
    const page = pageOf(rows, limit, (row) => this.cursors.encode([row.id], list));
    return { items: page.items.map((row) => orderOf(row, row.items)), nextCursor: page.nextCursor };
  }

  /** Inserts a new order with its lines and its checkout, due for anyone in `leaseSeconds` if this process dies. */
  create(transaction: Transaction, order: OrderRow, items: readonly ItemRow[], couponHold: CouponHold | null, leaseSeconds: number): void {
    transaction.send(sql`
      INSERT INTO orders (id, number, user_id, status, payment_status, payment_method, cart_version, holds_cart, uses_coupons,
        subtotal, discount, coupon_code, shipping_fee, cod_fee, cgst, sgst, igst, total, currency, shipping_address, billing, timeline,
        expires_at, created_at, traceparent)
      VALUES (${order.id}, ${order.number}, ${order.user_id}, 'placing', 'unpaid', ${order.payment_method}, ${order.cart_version}, true,
        ${order.uses_coupons}, ${order.subtotal}, ${order.discount}, ${order.coupon_code}, ${order.shipping_fee}, ${order.cod_fee}, ${order.cgst}, ${order.sgst}, ${order.igst}, ${order.total}, ${order.currency},
        ${JSON.stringify(order.shipping_address)}, ${order.billing === null ? null : JSON.stringify(order.billing)}, '[]', ${order.expires_at},
        ${order.created_at}, ${order.traceparent})`);
    transaction.send(sql`
      WITH checkout AS (
        INSERT INTO checkouts (order_id, step, due_at, coupon_hold)
        VALUES (${order.id}, 'reserve_stock', ${fromNow(leaseSeconds)}, ${couponHold === null ? null : JSON.stringify(couponHold)}::jsonb))
      INSERT INTO order_items (id, order_id, position, product_id, variant_id, name, sku, size, color, hsn, gst_rate, unit_price, quantity,
        discount, tax, total)
      SELECT id, order_id, position, product_id, variant_id, name, sku, size, color, hsn, gst_rate, unit_price, quantity, discount, tax, total
      FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS item (id uuid, order_id uuid, position int, product_id uuid,
        variant_id uuid, name text, sku text, size text, color text, hsn text, gst_rate int, unit_price bigint, quantity int,
        discount bigint, tax bigint, total bigint)`);
  }

  /** The live order that was made from this cart version. */
  async holderOf(userId: string, cartVersion: string): Promise<Pick<OrderRow, 'id' | 'status'> | undefined> {
    return this.database.row(sql`SELECT id, status FROM orders WHERE user_id = ${userId} AND cart_version = ${cartVersion} AND holds_cart`);
  }

  /** Those of the orders that were not ended without a sale, nor cancelled: their stock stays held until it is sold. */
  async needingStock(ids: readonly string[]): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      sql`SELECT id FROM orders WHERE id = ANY(${ids}::uuid[]) AND status NOT IN ('refused', 'expired', 'cancelled')`,
    );
    return rows.map(({ id }) => id);
  }

  /** When users last bought something that was not cancelled. */
  async lastOf(userIds: readonly string[]): Promise<{ userId: string; at: string }[]> {
    const rows = await this.database.rows<{ user_id: string; created_at: Date }>(sql`
      SELECT user_id, created_at FROM unnest(${userIds}::uuid[]) AS asked (id), LATERAL (
        SELECT user_id, created_at FROM orders
        WHERE user_id = asked.id AND status NOT IN ('placing', 'refused', 'pending_payment', 'cancelled', 'expired')
        ORDER BY orders.id DESC LIMIT 1) AS last`);
    return rows.map(({ user_id, created_at }) => ({ userId: user_id, at: created_at.toISOString() }));
  }

  /** How the orders of a user stand that were ever confirmed, oldest first. */
  factsOf(userId: string, limit: number): Promise<OrderRow[]> {
    return this.database.rows<OrderRow>(sql`
      SELECT * FROM orders WHERE user_id = ${userId} AND timeline @> '[{"status": "confirmed"}]' AND ${VISIBLE} ORDER BY id LIMIT ${limit}`);
  }

  /** First lines of the addresses in a PIN code area that orders of a user went to. */
  async linesAt(userId: string, pincode: string): Promise<string[]> {
    const rows = await this.database.rows<{ line: string }>(sql`
      SELECT DISTINCT shipping_address ->> 'line1' AS line FROM orders
      WHERE user_id = ${userId} AND shipping_address ->> 'pincode' = ${pincode} AND ${VISIBLE}`);
    return rows.map(({ line }) => line);
  }

  async attachPayment(id: string, providerOrderId: string): Promise<void> {
    await this.database.execute(
      sql`UPDATE orders SET provider_order_id = ${providerOrderId} WHERE id = ${id} AND provider_order_id IS NULL`,
    );
  }
}

/** Lines of several orders, in their order. */
export async function itemsOf(reader: Pick<Database, 'rows'>, orderIds: readonly string[]): Promise<ItemRow[]> {
  if (orderIds.length === 0) return [];
  return reader.rows<ItemRow>(sql`SELECT * FROM order_items WHERE order_id = ANY(${orderIds}::uuid[]) ORDER BY order_id, position`);
}
