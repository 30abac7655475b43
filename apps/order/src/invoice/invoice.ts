import type { PostalAddress } from '#libs/contracts/auth/views';
import type { PaymentMethod } from '#libs/contracts/order/views';
import { stateOf } from '#libs/places/states';
import { partOf, worthOf } from '../after-sales/give-back.ts';
import { splitTax, type Taxes } from '../gst.ts';
import type { ItemRow, OrderRow } from '../order-row.ts';

/** Pieces: the unit quantity code of all that the shop sells. */
const PIECES = 'PCS';

export interface Seller {
  readonly name: string;
  readonly address: string;
  readonly gstin: string;
  readonly state: string;
  readonly cin?: string;
  readonly phone?: string;
  readonly email?: string;
}

/** A name and address as they are printed. */
export interface Party {
  readonly name: string;
  readonly address: readonly string[];
}

export interface PrintedLine {
  readonly itemId: string;
  readonly name: string;
  /** Size and colour. */
  readonly variant: string;
  readonly sku: string;
  readonly hsn: string | null;
  readonly quantity: number;
  /** The unit quantity code of GST; absent on documents of before. */
  readonly unit?: string;
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
  /** Who it is billed to. `gstin`: of a business. */
  readonly buyer: Party & { readonly gstin?: string };
  /** Where the goods go, unless to the buyer. */
  readonly shipTo?: Party;
  readonly placeOfSupply: { readonly state: string; readonly code: string | null };
  readonly isWithinState: boolean;
  readonly order: { readonly number: string; readonly placedAt: string };
  readonly paymentMethod: PaymentMethod;
  readonly lines: readonly PrintedLine[];
  /** Amounts without goods: fees, and what was granted on the price. */
  readonly charges: readonly { readonly name: string; readonly amount: number }[];
  /** `total = Σ lines.total + Σ charges`. */
  readonly total: number;
  /** Paise of the total that were not paid when the invoice was issued; absent on documents of before. */
  readonly due?: number;
  /** Of a credit note: the invoice it takes back from, and why. */
  readonly against?: { readonly number: string; readonly issuedAt: string; readonly reason: string };
}

/** What is given back of an order; `amount ≥ Σ lines.amount + fees`, the rest is goodwill. Paise. */
export interface Credit {
  readonly orderId: string;
  /** The refund that goes with it: one credit note for each. */
  readonly refundId?: string | undefined;
  readonly reason: string;
  readonly lines: readonly { readonly itemId: string; readonly quantity: number; readonly amount: number }[];
  readonly fees: number;
  readonly amount: number;
}

export function invoicePaper(order: OrderRow, items: readonly ItemRow[], seller: Seller): Paper {
  const { billing } = order;
  const { state } = order.shipping_address;
  const receiver = partyOf(order.shipping_address);
  const isTaxed = order.cgst + order.sgst + order.igst > 0;
  // As the order was taxed, whatever the seller's state is by now.
  const isWithinState = isTaxed ? order.igst === 0 : stateOf(state) === stateOf(seller.state);
  return {
    seller: { ...seller, stateCode: stateOf(seller.state)?.gst ?? null },
    buyer:
      billing === null ? receiver : { ...partyOf(billing.address ?? order.shipping_address), name: billing.name, gstin: billing.gstin },
    ...(billing === null ? {} : { shipTo: receiver }),
    placeOfSupply: { state, code: stateOf(state)?.gst ?? null },
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
      unit: PIECES,
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
    due: Math.max(0, order.total - order.cancelled_share - order.received),
  };
}

const partyOf = ({ name, line1, line2, city, state, pincode }: PostalAddress): Party => ({
  name,
  address: [line1, ...(line2 === undefined ? [] : [line2]), `${city} ${pincode}`, `${state}, India`],
});

/**
 * The credit note of an invoice. `earlier`: the order's other credit notes. Each tax of a line is credited like its total, k units of n in
 * all less what went before, so that the notes of a line given back unit by unit add up to the invoice, and equal halves stay equal.
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
    lines: lines.map((line) => {
      const sold = paper.lines.find(({ itemId }) => itemId === line.itemId);
      if (sold === undefined) throw new Error('a credit note names a line that its invoice has not');
      return creditedLine(
        sold,
        line,
        earlier.flatMap((note) => note.lines.filter(({ itemId }) => itemId === line.itemId)),
      );
    }),
    charges: charges([
      ['Shipping and other fees', fees],
      ['Granted on the price, tax unchanged', granted],
    ]),
    total: amount,
    against: { number, issuedAt, reason },
  };
}

function creditedLine(
  sold: PrintedLine,
  { quantity, amount: total }: Credit['lines'][number],
  earlier: readonly PrintedLine[],
): PrintedLine {
  const sumOf = (column: 'quantity' | keyof Taxes): number => earlier.reduce((sum, line) => sum + line[column], 0);
  const before = sumOf('quantity');
  const worth = worthOf(sold, before, quantity);
  const part = (tax: keyof Taxes): number => {
    const due = Math.max(0, partOf(sold[tax], before + quantity, sold.quantity) - sumOf(tax));
    // Less than the units are worth: goodwill has credited a part of them before.
    return total < worth ? Math.floor((due * total) / worth) : due;
  };
  const taxes = { cgst: part('cgst'), sgst: part('sgst'), igst: part('igst') };
  const discount = sold.unitPrice * quantity - total;
  return { ...sold, quantity, discount, taxable: total - taxes.cgst - taxes.sgst - taxes.igst, ...taxes, total };
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

const charges = (all: readonly (readonly [name: string, amount: number])[]): Paper['charges'] =>
  all.flatMap(([name, amount]) => (amount === 0 ? [] : [{ name, amount }]));
