import type { OrderLine } from '#libs/contracts/reservation';
import type { StockRow } from './stock.repository.ts';

export const idsOf = (lines: readonly OrderLine[]): string[] => lines.map(({ variantId }) => variantId);

export const quantityOf = (lines: readonly OrderLine[], row: StockRow): number =>
  lines.find(({ variantId }) => variantId === row.variantId)?.quantity ?? 0;

/** Lines of one variant draw on the same stock, so they count by their sum. */
export function addedUp(lines: readonly OrderLine[]): OrderLine[] {
  const quantities = new Map<string, number>();
  for (const { variantId, quantity } of lines) {
    const id = variantId.toLowerCase();
    quantities.set(id, (quantities.get(id) ?? 0) + quantity);
  }
  return [...quantities].map(([variantId, quantity]) => ({ variantId, quantity }));
}

/** The rows are locked and were judged, so anything else is a bug; throwing undoes the transaction. */
export function expectAll(lines: readonly OrderLine[], touched: number): void {
  if (touched !== lines.length) throw new Error(`${touched} of ${lines.length} lines could be moved although all were there`);
}
