/**
 * Goods and services tax on what a fashion shop sells. Prices include it, so a line's tax is the part contained in its total. Rates are
 * dated: an order keeps the rate of its day.
 */
interface Rate {
  /** Beginning of the HSN code; '' stands for everything else. */
  readonly hsnPrefix: string;
  /** ISO date from which it holds. */
  readonly from: string;
  /** Paise, without tax: up to here `rate`, above `rateAbove`. */
  readonly slab?: number;
  /** Percent. */
  readonly rate: number;
  readonly rateAbove?: number;
}

/** Newest first within a prefix. The slab of ₹2,500 for apparel and footwear came on 22 September 2025; before it was ₹1,000 and 5 or 12 %. */
const RATES: readonly Rate[] = [
  ...['61', '62', '63', '64'].flatMap((hsnPrefix): Rate[] => [
    { hsnPrefix, from: '2025-09-22', slab: 250_000, rate: 5, rateAbove: 18 },
    { hsnPrefix, from: '2017-07-01', slab: 100_000, rate: 5, rateAbove: 12 },
  ]),
  // Woven fabric, sarees among it: silk, wool, cotton, linen and the man-made fibres.
  ...['50', '51', '52', '53', '54', '55'].map((hsnPrefix): Rate => ({ hsnPrefix, from: '2017-07-01', rate: 5 })),
  { hsnPrefix: '71', from: '2017-07-01', rate: 3 },
  { hsnPrefix: '', from: '2017-07-01', rate: 18 },
];

export interface TaxedLine {
  readonly hsn: string | null;
  /** Paise, after discount, GST included. */
  readonly total: number;
  readonly quantity: number;
}

/** Percent. `on` is an ISO date. */
export function gstRate({ hsn, total, quantity }: TaxedLine, on: string): number {
  const found = RATES.find(({ hsnPrefix, from }) => (hsn ?? '').startsWith(hsnPrefix) && from <= on);
  if (found === undefined) throw new Error(`no GST rate for HSN ${hsn} on ${on}`);
  if (found.slab === undefined || found.rateAbove === undefined) return found.rate;
  // The unit price without tax is at most the slab, in whole numbers.
  return total * 100 <= found.slab * (100 + found.rate) * quantity ? found.rate : found.rateAbove;
}

/** Paise. Within the seller's state `igst` is 0, beyond it `cgst` and `sgst` are. */
export interface Taxes {
  readonly cgst: number;
  readonly sgst: number;
  readonly igst: number;
}

/**
 * The taxes contained in a line's total of paise, each rounded half up: CGST and SGST are half the rate each and equal (CGST Act s. 9 and the
 * states' acts), IGST is the whole rate.
 */
export function containedTaxes(total: number, rate: number, withinState: boolean): Taxes {
  if (!withinState) return { cgst: 0, sgst: 0, igst: roundedHalfUp(total * rate, 100 + rate) };
  const half = roundedHalfUp(total * rate, 200 + 2 * rate);
  return { cgst: half, sgst: half, igst: 0 };
}

const roundedHalfUp = (dividend: number, divisor: number): number => Math.floor((2 * dividend + divisor) / (2 * divisor));

/** The taxes of a line whose sum is stored. Lines sold before the halves were equal have an odd sum; they keep the odd paisa in the SGST. */
export function splitTax(tax: number, withinState: boolean): Taxes {
  if (!withinState) return { cgst: 0, sgst: 0, igst: tax };
  const cgst = Math.floor(tax / 2);
  return { cgst, sgst: tax - cgst, igst: 0 };
}
