import { paiseOf } from '../../parts/money.ts';

export interface PriceLine {
  /** From 1. */
  readonly number: number;
  readonly change?: { readonly sku: string; readonly price: number; readonly mrp?: number };
  readonly problem?: string;
}

/** Lines of SKU, price and perhaps an MRP in rupees, divided by tabs, semicolons or blanks; empty ones are left out. */
export const priceLinesIn = (text: string): PriceLine[] =>
  text.split('\n').flatMap((line, index): PriceLine[] => (line.trim() === '' ? [] : [lineOf(line.trim(), index + 1)]));

function lineOf(line: string, number: number): PriceLine {
  const cells = (/[\t;]/.test(line) ? line.split(/[\t;]/) : line.split(/\s+/)).map((cell) => cell.trim());
  const [sku = '', price = '', mrp = '', ...more] = cells;
  const [paise, mrpPaise] = [paiseOf(price), mrp === '' ? undefined : paiseOf(mrp)];
  if (more.some(Boolean)) return { number, problem: 'has more than a SKU, a price and an MRP' };
  if (sku === '' || paise === undefined) return { number, problem: 'needs a SKU and a price' };
  if (mrp !== '' && mrpPaise === undefined) return { number, problem: `${mrp} is no amount` };
  return { number, change: { sku, price: paise, ...(mrpPaise !== undefined && { mrp: mrpPaise }) } };
}
