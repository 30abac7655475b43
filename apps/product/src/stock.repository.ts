import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { OrderLine } from '#libs/contracts/product/messages';
import type { Stock } from '#libs/contracts/product/views';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { millisecondsOf } from '#libs/persistence/retention';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import type { Transaction } from '#libs/persistence/transaction';
import { retention } from '../migrations/product.retention.ts';
import { firstIdAt } from './id-times.ts';

/** Above any warehouse; the table's CHECK says the same. */
export const MAX_ON_HAND = 1_000_000_000;

export interface StockRow {
  readonly variantId: string;
  readonly productId: string;
  readonly onHand: number;
  readonly reserved: number;
  /** Paise. */
  readonly price: number;
  /** Neither the variant nor its product is withdrawn, and the product is no draft. */
  readonly forSale: boolean;
}

const stockOf = ({ onHand, reserved }: Pick<StockRow, 'onHand' | 'reserved'>): Stock => ({
  onHand,
  reserved,
  available: onHand - reserved,
});

@Injectable()
export class StockRepository {
  constructor(private readonly database: Database) {}

  /** Undefined unless the variant is a live one of this live product. */
  async find(productId: string, variantId: string, queries: Queries = this.database): Promise<Stock | undefined> {
    const row = await queries.row<{ onHand: number; reserved: number }>(sql`
      SELECT s.on_hand AS "onHand", s.reserved FROM stock s JOIN variants v ON v.id = s.variant_id JOIN products p ON p.id = v.product_id
      WHERE s.variant_id = ${variantId} AND v.product_id = ${productId} AND v.withdrawn_at IS NULL AND p.withdrawn_at IS NULL`);
    return row && stockOf(row);
  }

  /** As it is now, by id. Every change locks this way first, always in the order of ids, so that no two wait for each other. */
  lock(tx: Transaction, variantIds: readonly string[]): Promise<StockRow[]> {
    return tx.rows<StockRow>(sql`
      SELECT s.variant_id AS "variantId", v.product_id AS "productId", s.on_hand AS "onHand", s.reserved, v.price,
        v.withdrawn_at IS NULL AND p.withdrawn_at IS NULL AND p.published AS "forSale"
      FROM stock s JOIN variants v ON v.id = s.variant_id JOIN products p ON p.id = v.product_id
      WHERE s.variant_id = ANY(${variantIds}::uuid[]) ORDER BY s.variant_id FOR NO KEY UPDATE OF s`);
  }

  /** How many of the lines could be held; all or the transaction must be undone. */
  hold(tx: Transaction, lines: readonly OrderLine[]): Promise<number> {
    return tx.execute(sql`
      UPDATE stock s SET reserved = s.reserved + w.quantity FROM ${wanted(lines)} WHERE s.variant_id = w.variant_id AND s.on_hand - s.reserved >= w.quantity`);
  }

  giveBack(tx: Transaction, lines: readonly OrderLine[]): Promise<number> {
    return tx.execute(sql`
      UPDATE stock s SET reserved = s.reserved - w.quantity FROM ${wanted(lines)} WHERE s.variant_id = w.variant_id AND s.reserved >= w.quantity`);
  }

  /** Gives back as much of the lines as is held at all, where somebody has changed the stock by hand. */
  giveBackRest(tx: Transaction, lines: readonly OrderLine[]): Promise<number> {
    return tx.execute(
      sql`UPDATE stock s SET reserved = greatest(s.reserved - w.quantity, 0) FROM ${wanted(lines)} WHERE s.variant_id = w.variant_id`,
    );
  }

  /** Units that are not held leave the warehouse. */
  sellFree(tx: Transaction, lines: readonly OrderLine[], orderId: string): Promise<number> {
    return tx.execute(sql`
      WITH sold AS (
        UPDATE stock s SET on_hand = s.on_hand - w.quantity FROM ${wanted(lines)}
        WHERE s.variant_id = w.variant_id AND s.on_hand - s.reserved >= w.quantity RETURNING s.variant_id, w.quantity, s.on_hand)
      ${sales(lines, orderId)}`);
  }

  /** Sold units are in the warehouse again. */
  restock(tx: Transaction, lines: readonly OrderLine[], orderId: string): Promise<number> {
    return tx.execute(sql`
      WITH back AS (
        UPDATE stock s SET on_hand = s.on_hand + w.quantity FROM ${wanted(lines)}
        WHERE s.variant_id = w.variant_id RETURNING s.variant_id, w.quantity, s.on_hand)
      INSERT INTO stock_movements (id, variant_id, kind, change, on_hand, caused_by)
      SELECT m.id, back.variant_id, 'return', back.quantity, back.on_hand, ${orderId}::uuid FROM back JOIN ${movementIds(lines)} ON m.variant_id = back.variant_id`);
  }

  /** Undefined when that would be less than orders hold, or more than `MAX_ON_HAND`. */
  async set(tx: Transaction, variantId: string, change: { onHand: number } | { delta: number }): Promise<Stock | undefined> {
    const target = 'onHand' in change ? sql`${change.onHand}::bigint` : sql`on_hand + ${change.delta}::bigint`;
    const row = await tx.row<{ onHand: number; reserved: number }>(sql`
      UPDATE stock SET on_hand = ${target} WHERE variant_id = ${variantId} AND ${target} BETWEEN reserved AND ${MAX_ON_HAND}
      RETURNING on_hand AS "onHand", reserved`);
    return row && stockOf(row);
  }

  /** Removes entries of the stock book when the law no longer asks for them. */
  forgetOldMovements(): Promise<number> {
    return inBatches(
      sql`
        DELETE FROM stock_movements WHERE id IN (
          SELECT id FROM stock_movements WHERE id < ${firstIdAt(Date.now() - millisecondsOf(retention.stock_movements.keptFor))} ORDER BY id LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }

  async note(
    tx: Transaction,
    movement: { variantId: string; kind: 'count' | 'correction'; change: number; onHand: number; reason: string | null; causedBy: string },
  ): Promise<void> {
    const { variantId, kind, change, onHand, reason, causedBy } = movement;
    await tx.execute(sql`
      INSERT INTO stock_movements (id, variant_id, kind, change, on_hand, reason, caused_by)
      VALUES (${uuidv7()}, ${variantId}, ${kind}, ${change}, ${onHand}, ${reason}, ${causedBy})`);
  }
}

const wanted = (lines: readonly OrderLine[]) => sql`
  unnest(${lines.map(({ variantId }) => variantId)}::uuid[], ${lines.map(({ quantity }) => quantity)}::int[]) AS w (variant_id, quantity)`;

const sales = (lines: readonly OrderLine[], orderId: string) => sql`
  INSERT INTO stock_movements (id, variant_id, kind, change, on_hand, caused_by)
  SELECT m.id, sold.variant_id, 'sale', -sold.quantity, sold.on_hand, ${orderId}::uuid
  FROM sold JOIN ${movementIds(lines)} ON m.variant_id = sold.variant_id`;

const movementIds = (lines: readonly OrderLine[]) => sql`
  unnest(${lines.map(() => uuidv7())}::uuid[], ${lines.map(({ variantId }) => variantId)}::uuid[]) AS m (id, variant_id)`;
