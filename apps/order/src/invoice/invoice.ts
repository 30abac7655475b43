import type { PaymentMethod } from '#libs/contracts/order/views';
import { isSameState, splitTax } from '../gst.ts';
import { gstStateCode } from '../gst-states.ts';
import type { ItemRow, OrderRow } from '../order-row.ts';

export interface Seller {
  readonly name: string;
  readonly address: string;
  readonly gstin: string;
  readonly state: string;
}

export interface PrintedLine {
  readonly itemId: string;
  readonly name: string;
  /** Size and colour. */
  readonly variant: string;
  readonly sku: string;
  readonly hsn: string | null;
  readonly quantity: number;
  /** Paise, as all amounts. */
  readonly unitPrice: number;
  readonly discount: number;
  /** `total = taxable + cgst + sgst + igst`. */
  readonly taxable: number;
  /** Percent. */
  readonly rate: number;
  readonly cgst: number;
  readonly sgst: number;
  readonly igst: number;
  readonly total: number;
}

/** The content of an invoice or a credit note, kept as it was on its day: names, addresses and rates may change afterwards. */
export interface Paper {
  readonly seller: Seller & { readonly stateCode: string | null };
  readonly buyer: { readonly name: string; readonly address: readonly string[] };
  readonly placeOfSupply: { readonly state: string; readonly code: string | null };
  readonly isWithinState: boolean;
  readonly order: { readonly number: string; readonly placedAt: string };
  readonly paymentMethod: PaymentMethod;
  readonly lines: readonly PrintedLine[];
  /** Amounts without goods: fees, and what was granted on the price. */
  readonly charges: readonly { readonly name: string; readonly amount: number }[];
  /** `total = Σ lines.total + Σ charges`. */
  readonly total: number;
  /** Of a credit note: the invoice it takes back from, and why. */
  readonly against?: { readonly number: string; readonly issuedAt: string; readonly reason: string };
}

/** What is given back of an order; `amount ≥ Σ lines.amount + fees`, the rest is goodwill. Paise. */
export interface Credit {
  readonly orderId: string;
  /** The refund that goes with it: one credit note for each. */
  readonly refundId?: string | undefined;
  readonly reason: string;
  readonly lines: readonly { readonly itemId: string; readonly quantity: number; readonly amount: number; readonly tax: number }[];
  readonly fees: number;
  readonly amount: number;
}

export function invoicePaper(order: OrderRow, items: readonly ItemRow[], seller: Seller): Paper {
  const { name, line1, line2, city, state, pincode } = order.shipping_address;
  const isTaxed = order.cgst + order.sgst + order.igst > 0;
  // As the order was taxed, whatever the seller's state is by now.
  const isWithinState = isTaxed ? order.igst === 0 : isSameState(state, seller.state);
  return {
    seller: { ...seller, stateCode: gstStateCode(seller.state) },
    buyer: { name, address: [line1, ...(line2 === undefined ? [] : [line2]), `${city} ${pincode}`, `${state}, India`] },
    placeOfSupply: { state, code: gstStateCode(state) },
    isWithinState,
    order: { number: order.number, placedAt: order.created_at.toISOString() },
    paymentMethod: order.payment_method,
    lines: items.map((item) => ({
      itemId: item.id,
      name: item.name,
      variant: `${item.size}, ${item.color}`,
      sku: item.sku,
      hsn: item.hsn,
      quantity: item.quantity,
      unitPrice: item.unit_price,
      discount: item.discount,
      taxable: item.total - item.tax,
      rate: item.gst_rate,
      ...splitTax(item.tax, isWithinState),
      total: item.total,
    })),
    charges: charges([
      ['Shipping', order.shipping_fee],
      ['Cash on delivery', order.cod_fee],
    ]),
    total: order.total,
  };
}

/**
 * The credit note of an invoice. `earlier`: what the order's other credit notes took back; the halves of a line's tax follow from all of
 * them together, so that the notes of a line given back unit by unit add up to the invoice.
 */
export function creditPaper(
  invoice: { readonly number: string; readonly issuedAt: string; readonly paper: Paper },
  { reason, lines, fees, amount }: Credit,
  earlier: readonly Paper[],
): Paper {
  const { paper, number, issuedAt } = invoice;
  const granted = lines.reduce((sum, line) => sum - line.amount, amount - fees);
  const credited = earlier.reduce((sum, { total }) => sum + total, 0);
  if (granted < 0 || credited + amount > paper.total) throw new Error('a credit note would take back more than its invoice');
  return {
    ...paper,
    lines: lines.map(({ itemId, quantity, amount: total, tax }) => {
      const sold = paper.lines.find((line) => line.itemId === itemId);
      if (sold === undefined) throw new Error('a credit note names a line that its invoice has not');
      const before = earlier
        .flatMap(({ lines: printed }) => printed)
        .filter((line) => line.itemId === itemId)
        .reduce((sum, { cgst, sgst, igst }) => sum + cgst + sgst + igst, 0);
      const upToHere = splitTax(before + tax, paper.isWithinState);
      const upToThen = splitTax(before, paper.isWithinState);
      return {
        ...sold,
        quantity,
        discount: sold.unitPrice * quantity - total,
        taxable: total - tax,
        cgst: upToHere.cgst - upToThen.cgst,
        sgst: upToHere.sgst - upToThen.sgst,
        igst: upToHere.igst - upToThen.igst,
        total,
      };
    }),
    charges: charges([
      ['Shipping and other fees', fees],
      ['Granted on the price, tax unchanged', granted],
    ]),
    total: amount,
    against: { number, issuedAt, reason },
  };
}

/** One row of the tax summary. */
export interface TaxRow {
  readonly hsn: string | null;
  readonly rate: number;
  readonly taxable: number;
  readonly cgst: number;
  readonly sgst: number;
  readonly igst: number;
}

/** By HSN code and rate, in the order of the lines. */
export function taxSummary(lines: readonly PrintedLine[]): TaxRow[] {
  const rows = new Map<string, TaxRow>();
  for (const { hsn, rate, taxable, cgst, sgst, igst } of lines) {
    const key = `${hsn} ${rate}`;
    const row = rows.get(key) ?? { hsn, rate, taxable: 0, cgst: 0, sgst: 0, igst: 0 };
    rows.set(key, {
      hsn,
      rate,
      taxable: row.taxable + taxable,
      cgst: row.cgst + cgst,
      sgst: row.sgst + sgst,
      igst: row.igst + igst,
    });
  }
  return [...rows.values()];
}

/** India is five and a half hours ahead of UTC, all year. */
const IST_MS = 5.5 * 3_600_000;

/** `26-27`: April to March, by Indian time. */
export function financialYear(at: Date): string {
  const local = new Date(at.getTime() + IST_MS);
  const first = local.getUTCMonth() >= 3 ? local.getUTCFullYear() : local.getUTCFullYear() - 1;
  return [first, first + 1].map((year) => String(year % 100).padStart(2, '0')).join('-');
}

/** `24 Nov 2026`, the day in India. */
export const indianDate = (iso: string): string =>
  new Date(iso).toLocaleDateString('en-GB', { day: '2-digit', month: 'short', year: 'numeric', timeZone: 'Asia/Kolkata' });

const charges = (all: readonly (readonly [name: string, amount: number])[]): Paper['charges'] =>
  all.flatMap(([name, amount]) => (amount === 0 ? [] : [{ name, amount }]));
