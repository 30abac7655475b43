import type { BasketLine } from '#libs/contracts/coupon/messages';
import type { OrderLine, Quote } from '#libs/contracts/product/messages';

/** One line a variant, in the order they came: equal variants draw on the same stock and the same offers, so they count by their sum. */
export function addedUp(lines: readonly OrderLine[]): OrderLine[] {
  const quantities = new Map<string, number>();
  for (const { variantId, quantity } of lines) quantities.set(variantId, (quantities.get(variantId) ?? 0) + quantity);
  return [...quantities].map(([variantId, quantity]) => ({ variantId, quantity }));
}

/** A quoted line as coupons judge it. */
export const basketLineOf = ({ variantId, productId, categoryIds, brand, price }: Quote, quantity: number): BasketLine => ({
  variantId,
  productId,
  categoryIds,
  brand,
  unitPrice: price,
  quantity,
});
