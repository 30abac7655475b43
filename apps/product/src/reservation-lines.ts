import type { OrderLine } from '#libs/contracts/product/messages';
import type { StockRow } from './stock.repository.ts';

export const idsOf = (lines: readonly OrderLine[]): string[] => lines.map(({ variantId }) => variantId);

export const quantityOf = (lines: readonly OrderLine[], row: StockRow): number =>
  lines.find(({ variantId }) => variantId === row.variantId)?.quantity ?? 0;

/** The rows are locked and were judged, so anything else is a bug; throwing undoes the transaction. */
export function expectAll(lines: readonly OrderLine[], touched: number): void {
  if (touched !== lines.length) throw new Error(`${touched} of ${lines.length} lines could be moved although all were there`);
}
