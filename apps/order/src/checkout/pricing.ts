import type { Quote } from '#libs/contracts/product/messages';
import { type BasketPrice, priceBasket, type ShippingRule } from '#libs/pricing/basket';
import { containedTax, gstRate, splitTax } from '../gst.ts';

export interface PricedLine {
  readonly quote: Quote;
  readonly quantity: number;
  readonly discount: number;
  readonly total: number;
  readonly gstRate: number;
  readonly tax: number;
}

/** All in paise. */
export interface PricedOrder extends Omit<BasketPrice, 'discounts'> {
  readonly lines: readonly PricedLine[];
  /** Contained in the lines' totals. */
  readonly tax: { readonly cgst: number; readonly sgst: number; readonly igst: number };
}

export interface Pricing {
  /** `discount`: paise that coupons take off. */
  readonly lines: readonly { readonly quote: Quote; readonly quantity: number; readonly discount: number }[];
  readonly shipping: ShippingRule;
  readonly freeShipping: boolean;
  readonly codFee: number;
  /** Whether the address is in the seller's state. */
  readonly withinState: boolean;
  /** ISO date, for the tax rates. */
  readonly on: string;
}

/** What an order costs, and the tax that is in it. */
export function priceOrder({ lines, shipping, freeShipping, codFee, withinState, on }: Pricing): PricedOrder {
  const { discounts, ...price } = priceBasket({
    lines: lines.map(({ quote, quantity, discount }) => ({ unitPrice: quote.price, quantity, discount })),
    shipping,
    freeShipping,
    codFee,
  });
  const priced = lines.map(({ quote, quantity }, index): PricedLine => {
    const discount = discounts[index] ?? 0;
    const total = quote.price * quantity - discount;
    const rate = gstRate({ hsn: quote.hsn, total, quantity }, on);
    return { quote, quantity, discount, total, gstRate: rate, tax: containedTax(total, rate) };
  });
  const taxes = priced.map(({ tax }) => splitTax(tax, withinState));
  return {
    ...price,
    lines: priced,
    tax: {
      cgst: taxes.reduce((sum, { cgst }) => sum + cgst, 0),
      sgst: taxes.reduce((sum, { sgst }) => sum + sgst, 0),
      igst: taxes.reduce((sum, { igst }) => sum + igst, 0),
    },
  };
}
