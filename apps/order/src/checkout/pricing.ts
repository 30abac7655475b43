import type { Quote } from '#libs/contracts/product/messages';
import { type BasketPrice, priceBasket, type ShippingRule } from '#libs/pricing/basket';
import { containedTaxes, gstRate, type Taxes } from '../gst.ts';

export interface PricedLine {
  readonly quote: Quote;
  readonly quantity: number;
  readonly discount: number;
  readonly total: number;
  readonly gstRate: number;
  readonly taxes: Taxes;
}

/** All in paise. */
export interface PricedOrder extends Omit<BasketPrice, 'discounts'> {
  readonly lines: readonly PricedLine[];
  /** Contained in the lines' totals. */
  readonly tax: Taxes;
}

export interface Pricing {
  /** `discount`: paise that coupons take off. */
  readonly lines: readonly { readonly quote: Quote; readonly quantity: number; readonly discount: number }[];
  readonly shipping: ShippingRule;
  readonly freeShipping: boolean;
  readonly codFee: number;
  /** Whether the address is in the seller's state. */
  readonly withinState: boolean;
  /** The day in India, `2026-11-24`, for the tax rates. */
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
    return { quote, quantity, discount, total, gstRate: rate, taxes: containedTaxes(total, rate, withinState) };
  });
  const sumOf = (tax: keyof Taxes): number => priced.reduce((sum, { taxes }) => sum + taxes[tax], 0);
  return { ...price, lines: priced, tax: { cgst: sumOf('cgst'), sgst: sumOf('sgst'), igst: sumOf('igst') } };
}
