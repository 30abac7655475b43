import { Injectable } from '@nestjs/common';
import type { OrderLine, Shortage } from '#libs/contracts/product/messages';
import { Database } from '#libs/persistence/database';
import { millisecondsOf } from '#libs/persistence/retention';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import type { Transaction } from '#libs/persistence/transaction';
import { HOLD_GRACE_SECONDS } from '#libs/pricing/holds';
import { retention } from '../migrations/product.retention.ts';
import { firstIdAt } from './id-times.ts';
import { RelatedRepository } from './trending/related.repository.ts';

/**
 * `held → committed`, `held → released`, `released → committed` or `refused` when the stock is gone. A refused one is final. `released`
 * without lines is the tombstone of an undo that came before what it undoes.
 */
export type ReservationState = 'held' | 'committed' | 'released' | 'refused';

export interface Reservation {
  readonly state: ReservationState;
  readonly shortages: Shortage[];
  /** In the order of variants. */
  readonly lines: OrderLine[];
}

/** A line that was just taken. */
export interface Held {
  readonly productId: string;
  readonly quantity: number;
  /** Units that are left to others. */
  readonly available: number;
}

const KEPT = retention.reservations.keptFor;

@Injectable()
export class ReservationRepository {
  constructor(
    private readonly database: Database,
    private readonly related: RelatedRepository,
  ) {}

  /**
   * False when the order has one already. Of two that come at once, the second waits here until the first has ended; the first holds no stock
   * then that the second does not, for who takes stock for an order locks it before this.
   */
  async open(tx: Transaction, orderId: string, state: 'held' | 'released', ttlSeconds: number | null): Promise<boolean> {
    const inserted = await tx.execute(sql`
      INSERT INTO reservations (order_id, state, expires_at) VALUES (${orderId}, ${state}, now() + make_interval(secs => ${ttlSeconds}::int))
      ON CONFLICT DO NOTHING`);
    return inserted === 1;
  }

  /**
   * Opens a reservation and takes all of its lines, in one statement. Undefined, and nothing is done, where the order has one already, and
   * where a line would leave nothing to others: what follows from that takes more than a statement. The new row is made of what was locked: the
   * UPDATE starts from the row as it was before the statement waited, and PostgreSQL checks the table's rules on that first.
   */
  async holdAtOnce(orderId: string, lines: readonly OrderLine[], ttlSeconds: number): Promise<Held[] | undefined> {
    const ids = lines.map(({ variantId }) => variantId);
    const found = await this.database.row<{ held: Held[] | null }>(sql`
      WITH locked AS MATERIALIZED (
        SELECT s.variant_id, v.product_id, w.quantity, s.on_hand, s.reserved, s.on_hand - s.reserved AS free
        FROM unnest(${ids}::uuid[], ${lines.map(({ quantity }) => quantity)}::int[]) AS w (variant_id, quantity)
          JOIN stock s ON s.variant_id = w.variant_id JOIN variants v ON v.id = s.variant_id JOIN products p ON p.id = v.product_id
        WHERE v.withdrawn_at IS NULL AND p.withdrawn_at IS NULL AND p.published
        ORDER BY s.variant_id FOR NO KEY UPDATE OF s
      ), opened AS (
        INSERT INTO reservations (order_id, state, expires_at)
        SELECT ${orderId}::uuid, 'held', now() + make_interval(secs => ${ttlSeconds}::int) FROM locked
        HAVING count(*) = ${lines.length}::int AND bool_and(free > quantity)
        ON CONFLICT DO NOTHING RETURNING order_id
      ), held AS (
        UPDATE stock s SET on_hand = l.on_hand, reserved = l.reserved + l.quantity FROM locked l, opened WHERE s.variant_id = l.variant_id
        RETURNING opened.order_id, s.variant_id, l.quantity, l.product_id, s.on_hand - s.reserved AS available
      ), listed AS (
        INSERT INTO reservation_lines (order_id, variant_id, quantity) SELECT order_id, variant_id, quantity FROM held
      )
      SELECT json_agg(json_build_object('productId', product_id, 'quantity', quantity, 'available', available)) AS held FROM held`);
    return found?.held ?? undefined;
  }

  /** What became of the order's request to hold stock, as far as it is known. */
  async outcomeOf(orderId: string): Promise<Pick<Reservation, 'state' | 'shortages'> | undefined> {
    return this.database.row(sql`SELECT state, shortages FROM reservations WHERE order_id = ${orderId}`);
  }

  /** Its row stays locked until the transaction ends. */
  find(tx: Transaction, orderId: string): Promise<Reservation | undefined> {
    return tx.row<Reservation>(sql`
      SELECT state, shortages, (
        SELECT coalesce(json_agg(json_build_object('variantId', variant_id, 'quantity', quantity) ORDER BY variant_id), '[]')
        FROM reservation_lines WHERE order_id = reservations.order_id) AS lines
      FROM reservations WHERE order_id = ${orderId} FOR NO KEY UPDATE`);
  }

  /**
   * Sells what these orders hold, in one statement: stock and its book change with the reservations. Answers the orders that were sold, each
   * with all of its lines; none that holds a variant of which less is held than these orders need together, as after a change by hand. Locked are
   * the rows of all these orders that may be sold, reservations before stock and each in the order of ids: what the caller takes again for the
   * others in this transaction waits for nobody.
   */
  async sellHeld(tx: Transaction, orderIds: readonly string[]): Promise<{ readonly orderIds: readonly string[]; readonly units: number }> {
    const sold = await tx.row<{ orderIds: string[]; units: number }>(sql`
      WITH asked AS MATERIALIZED (
        SELECT order_id, state FROM reservations WHERE order_id = ANY(${orderIds}::uuid[]) ORDER BY order_id FOR NO KEY UPDATE
      ), asked_lines AS MATERIALIZED (
        SELECT order_id, variant_id, quantity, state FROM reservation_lines JOIN asked USING (order_id) WHERE state IN ('held', 'released')
      ), locked AS MATERIALIZED (
        -- An array is made before the first of these rows is locked, and so all of the reservations are locked by then.
        SELECT variant_id, on_hand, reserved FROM stock WHERE variant_id = ANY(ARRAY(SELECT DISTINCT variant_id FROM asked_lines))
        ORDER BY variant_id FOR NO KEY UPDATE
      ), short AS (
        SELECT variant_id FROM asked_lines JOIN locked USING (variant_id) WHERE state = 'held'
        GROUP BY variant_id, reserved HAVING sum(quantity) > reserved
      ), held AS MATERIALIZED (
        SELECT order_id FROM asked WHERE state = 'held'
          AND order_id NOT IN (SELECT order_id FROM asked_lines WHERE variant_id IN (SELECT variant_id FROM short))
      ), lines AS MATERIALIZED (
        SELECT order_id, variant_id, quantity FROM asked_lines JOIN held USING (order_id)
      ), sold AS (
        UPDATE stock s SET on_hand = locked.on_hand - gone.quantity, reserved = locked.reserved - gone.quantity
        FROM locked JOIN (SELECT variant_id, sum(quantity)::int AS quantity FROM lines GROUP BY variant_id) AS gone USING (variant_id)
        WHERE s.variant_id = locked.variant_id RETURNING s.variant_id, s.on_hand
      ), committed AS (
        UPDATE reservations r SET state = 'committed' FROM held WHERE r.order_id = held.order_id
      ), noted AS (
        INSERT INTO stock_movements (id, variant_id, kind, change, on_hand, caused_by)
        SELECT uuidv7(), variant_id, 'sale', -quantity,
          -- What was left after this order; those behind it take the rest.
          sold.on_hand + coalesce(sum(quantity) OVER later, 0), order_id
        FROM lines JOIN sold USING (variant_id)
        WINDOW later AS (PARTITION BY variant_id ORDER BY order_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
      )
      SELECT coalesce((SELECT json_agg(order_id) FROM held), '[]') AS "orderIds", coalesce((SELECT sum(quantity) FROM lines), 0) AS units`);
    return sold ?? { orderIds: [], units: 0 };
  }

  /** Starts another time of grace for what orders still need. Locks them in the order of ids, as `sellHeld` does. */
  async hold(orderIds: readonly string[]): Promise<void> {
    if (orderIds.length > 0)
      await this.database.execute(sql`
        WITH needed AS MATERIALIZED (
          SELECT order_id FROM reservations WHERE order_id = ANY(${orderIds}::uuid[]) AND state = 'held' ORDER BY order_id FOR NO KEY UPDATE)
        UPDATE reservations SET expires_at = now() WHERE order_id = ANY(ARRAY(SELECT order_id FROM needed))`);
  }

  /**
   * False when it was not in the state it leaves. Comes after the stock is locked: the INSERT of a repeated `open` waits for a transaction that
   * has changed this row, although not for one that has only locked it, and who opens a reservation holds stock.
   */
  async move(tx: Transaction, orderId: string, from: ReservationState, to: ReservationState): Promise<boolean> {
    return (await tx.execute(sql`UPDATE reservations SET state = ${to} WHERE order_id = ${orderId} AND state = ${from}`)) === 1;
  }

  async refuse(tx: Transaction, orderId: string, shortages: readonly Shortage[]): Promise<void> {
    await tx.execute(
      sql`UPDATE reservations SET state = 'refused', shortages = ${JSON.stringify(shortages)}::jsonb WHERE order_id = ${orderId}`,
    );
  }

  addLines(tx: Transaction, orderId: string, lines: readonly OrderLine[]): void {
    tx.send(sql`
      INSERT INTO reservation_lines (order_id, variant_id, quantity)
      SELECT ${orderId}::uuid, variant_id, quantity
      FROM unnest(${lines.map(({ variantId }) => variantId)}::uuid[], ${lines.map(({ quantity }) => quantity)}::int[]) AS l (variant_id, quantity)`);
  }

  /** In the order of ids, before the sales of several orders change them one order after the other. Their stock is locked already. */
  async lockProducts(tx: Transaction, orderIds: readonly string[]): Promise<void> {
    await tx.execute(sql`
      SELECT 1 FROM products WHERE id = ANY(ARRAY(
        SELECT v.product_id FROM reservations r JOIN reservation_lines l USING (order_id) JOIN variants v ON v.id = l.variant_id
        WHERE r.order_id = ANY(${orderIds}::uuid[]) AND r.state IN ('held', 'released')))
      ORDER BY id FOR NO KEY UPDATE`);
  }

  /** Orders that still hold stock when the grace after their expiry is over. */
  async overdue(limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ orderId: string }>(sql`
      SELECT order_id AS "orderId" FROM reservations
      WHERE state = 'held' AND expires_at < now() - make_interval(secs => ${HOLD_GRACE_SECONDS}::int) ORDER BY expires_at LIMIT ${limit}`);
    return rows.map(({ orderId }) => orderId);
  }

  /** Adds the units of sales that were not counted yet to the products' popularity, away from the checkout. Answers how many orders. */
  countSales(limit: number): Promise<number> {
    return this.database.transaction(async (tx) => {
      const claimed = await tx.rows<{ orderId: string }>(sql`
        WITH uncounted AS MATERIALIZED (
          SELECT order_id FROM reservations WHERE state = 'committed' AND NOT counted ORDER BY order_id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        UPDATE reservations SET counted = true FROM uncounted WHERE reservations.order_id = uncounted.order_id
        RETURNING reservations.order_id AS "orderId"`);
      if (claimed.length === 0) return 0;
      const sold = await tx.rows<{ productId: string; units: number }>(sql`
        SELECT v.product_id AS "productId", sum(l.quantity) AS units FROM reservation_lines l JOIN variants v ON v.id = l.variant_id
        WHERE l.order_id = ANY(${claimed.map(({ orderId }) => orderId)}::uuid[]) GROUP BY v.product_id`);
      await addUnitsSold(tx, sold);
      await this.related.noteOrders(
        tx,
        claimed.map(({ orderId }) => orderId),
      );
      return claimed.length;
    });
  }

  /** Removes the reservations of old orders, with their lines. */
  forgetOld(): Promise<number> {
    return inBatches(
      sql`
        DELETE FROM reservations WHERE order_id IN (
          SELECT order_id FROM reservations
          WHERE order_id < ${firstIdAt(Date.now() - millisecondsOf(KEPT))} AND created_at < now() - ${KEPT}::interval
            AND state <> 'held' AND (counted OR state <> 'committed')
          ORDER BY order_id LIMIT ${SWEEP_ROWS} FOR UPDATE SKIP LOCKED)`,
      this.database,
    );
  }

  /** How many of the lines were sold to this order with so many units that are not back yet; all or the transaction must be undone. */
  takeBack(tx: Transaction, orderId: string, lines: readonly OrderLine[]): Promise<number> {
    return tx.execute(sql`
      UPDATE reservation_lines l SET returned = l.returned + w.quantity
      FROM reservations r, unnest(${lines.map(({ variantId }) => variantId)}::uuid[], ${lines.map(({ quantity }) => quantity)}::int[]) AS w (variant_id, quantity)
      WHERE r.order_id = ${orderId} AND r.state = 'committed' AND l.order_id = r.order_id AND l.variant_id = w.variant_id
        AND l.returned + w.quantity <= l.quantity`);
  }

  /** Takes units that came back from the products' popularity, which falls below what was counted until the sale itself is. */
  async uncountSale(tx: Transaction, lines: readonly OrderLine[]): Promise<void> {
    const back = await tx.rows<{ productId: string; units: number }>(sql`
      SELECT v.product_id AS "productId", -sum(w.quantity) AS units
      FROM unnest(${lines.map(({ variantId }) => variantId)}::uuid[], ${lines.map(({ quantity }) => quantity)}::int[]) AS w (variant_id, quantity)
      JOIN variants v ON v.id = w.variant_id GROUP BY v.product_id`);
    await addUnitsSold(tx, back);
  }
}

async function addUnitsSold(tx: Transaction, sold: readonly { productId: string; units: number }[]): Promise<void> {
  const ids = sold.map(({ productId }) => productId);
  await tx.execute(sql`SELECT 1 FROM products WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE`);
  await tx.execute(sql`
    UPDATE products p SET units_sold = p.units_sold + s.units
    FROM unnest(${ids}::uuid[], ${sold.map(({ units }) => units)}::bigint[]) AS s (id, units) WHERE p.id = s.id`);
}
