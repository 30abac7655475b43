import type { OrderLine, Shortage } from '#libs/contracts/product/messages';
import type { Transaction } from '#libs/persistence/transaction';

import { stockUnits } from './product.metrics.ts';
import type { StockRow } from './stock.repository.ts';

export const idsOf = (lines: readonly OrderLine[]): string[] => lines.map(({ variantId }) => variantId);

/** Counts the units of what the transaction moved, once it is committed. */
export function countUnits(tx: Transaction, movement: 'reserved' | 'released' | 'sold' | 'returned', lines: readonly OrderLine[]): void {
  tx.afterCommit(() => stockUnits.inc({ movement }, unitsOf(lines)));
}

export const unitsOf = (lines: readonly OrderLine[]): number => lines.reduce((sum, { quantity }) => sum + quantity, 0);

export const quantityOf = (lines: readonly OrderLine[], row: StockRow): number =>
  lines.find(({ variantId }) => variantId === row.variantId)?.quantity ?? 0;

/** The rows are locked and were judged, so anything else is a bug; throwing undoes the transaction. */
export function expectAll(lines: readonly OrderLine[], touched: number): void {
  if (touched !== lines.length) throw new Error(`${touched} of ${lines.length} lines could be moved although all were there`);
}

/** Of an unknown or withdrawn variant nothing is available. */
export function shortagesOf(lines: readonly OrderLine[], locked: readonly StockRow[]): Shortage[] {
  const rows = new Map(locked.map((row) => [row.variantId, row]));
  return lines.flatMap(({ variantId, quantity }) => {
    const row = rows.get(variantId);
    const available = row?.forSale === true ? row.onHand - row.reserved : 0;
    return available < quantity ? [{ variantId, available }] : [];
  });
}
