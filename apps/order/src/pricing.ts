import type { Quote } from '#libs/contracts/reservation';
import { type ShippingRule, shippingFee } from '#libs/contracts/shipping';
import { containedTax, gstRate, splitTax } from './gst.ts';

/** Razorpay takes no amount below this; what is left under it is given to the customer. Paise. */
const SMALLEST_CHARGE = 100;

export interface PricedLine {
  readonly quote: Quote;
  readonly quantity: number;
  readonly discount: number;
  readonly total: number;
  readonly gstRate: number;
  readonly tax: number;
}

/** All in paise; `total = subtotal − discount + shippingFee`. */
export interface PricedOrder {
  readonly lines: readonly PricedLine[];
  readonly subtotal: number;
  readonly discount: number;
  readonly shippingFee: number;
  readonly tax: { readonly cgst: number; readonly sgst: number; readonly igst: number };
  readonly total: number;
}

export interface Pricing {
  readonly lines: readonly { readonly quote: Quote; readonly quantity: number }[];
  readonly shipping: ShippingRule;
  /** Whether the address is in the seller's state. */
  readonly withinState: boolean;
  /** ISO date, for the tax rates. */
  readonly on: string;
}

/** What an order costs. */
export function priceOrder({ lines, shipping, withinState, on }: Pricing): PricedOrder {
  const subtotal = lines.reduce((sum, { quote, quantity }) => sum + quote.price * quantity, 0);
  const fee = shippingFee(subtotal, shipping);
  const waived = subtotal + fee < SMALLEST_CHARGE ? subtotal + fee : 0;
  const lineDiscounts = waiveFrom(
    lines.map(({ quote, quantity }) => quote.price * quantity),
    waived,
  );
  const discount = lineDiscounts.reduce((sum, one) => sum + one, 0);
  const priced = lines.map(({ quote, quantity }, index): PricedLine => {
    const lineDiscount = lineDiscounts[index] ?? 0;
    const total = quote.price * quantity - lineDiscount;
    const rate = gstRate({ hsn: quote.hsn, total, quantity }, on);
    return { quote, quantity, discount: lineDiscount, total, gstRate: rate, tax: containedTax(total, rate) };
  });
  const charged = fee - (waived - discount);
  const taxes = priced.map(({ tax }) => splitTax(tax, withinState));
  return {
    lines: priced,
    subtotal,
    discount,
    shippingFee: charged,
    tax: {
      cgst: taxes.reduce((sum, { cgst }) => sum + cgst, 0),
      sgst: taxes.reduce((sum, { sgst }) => sum + sgst, 0),
      igst: taxes.reduce((sum, { igst }) => sum + igst, 0),
    },
    total: subtotal - discount + charged,
  };
}

/** Takes `amount` off the lines in their order; what the lines cannot give is left for the fees. */
function waiveFrom(totals: readonly number[], amount: number): number[] {
  let left = amount;
  return totals.map((total) => {
    const taken = Math.min(total, left);
    left -= taken;
    return taken;
  });
}
