/** Razorpay takes no amount below this; what is left under it is given to the customer. Paise. */
const SMALLEST_CHARGE = 100;

/** Paise. */
export interface ShippingRule {
  readonly fee: number;
  /** The sum of line totals from which shipping is free. */
  readonly freeFrom: number;
}

export interface DiscountedLine {
  /** Paise a unit. */
  readonly unitPrice: number;
  readonly quantity: number;
  /** Paise that coupons take off the line, at most its worth. */
  readonly discount: number;
}

export interface DiscountedBasket {
  readonly lines: readonly DiscountedLine[];
  readonly shipping: ShippingRule;
  /** A coupon pays the shipping. */
  readonly freeShipping: boolean;
  /** Paise; 0 unless the courier collects. */
  readonly codFee: number;
}

/** All in paise; `total = subtotal − discount + shippingFee + codFee`. */
export interface BasketPrice {
  /** What each line is discounted by in the end, in the order of the lines. */
  readonly discounts: readonly number[];
  readonly subtotal: number;
  readonly discount: number;
  readonly shippingFee: number;
  readonly codFee: number;
  readonly total: number;
}

/** What a basket costs: the one sum that cart, order and charge have in common. */
export function priceBasket({ lines, shipping, freeShipping, codFee }: DiscountedBasket): BasketPrice {
  const worths = lines.map(({ unitPrice, quantity }) => unitPrice * quantity);
  const subtotal = sum(worths);
  const goods = subtotal - sum(lines.map(({ discount }) => discount));
  const fee = freeShipping ? 0 : shippingFee(goods, lines.length > 0, shipping);
  const payable = goods + fee + (lines.length > 0 ? codFee : 0);
  // A remainder that cannot be charged: lines give first, then the fees.
  let waived = payable < SMALLEST_CHARGE ? payable : 0;
  const give = (amount: number): number => {
    const given = Math.min(amount, waived);
    waived -= given;
    return given;
  };
  const discounts = lines.map(({ discount }, index) => discount + give((worths[index] ?? 0) - discount));
  const charged = fee - give(fee);
  const collecting = lines.length > 0 ? codFee - give(codFee) : 0;
  const discount = sum(discounts);
  return { discounts, subtotal, discount, shippingFee: charged, codFee: collecting, total: subtotal - discount + charged + collecting };
}

const shippingFee = (goods: number, isAnything: boolean, { fee, freeFrom }: ShippingRule): number =>
  !isAnything || goods >= freeFrom ? 0 : fee;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
