import { Injectable } from '@nestjs/common';
import type { Cart } from '#libs/contracts/cart/views';

import type { Basket, Discounts } from '#libs/contracts/coupon/messages';
import { Refusal, refuse } from '#libs/contracts/errors';
import type { Quote } from '#libs/contracts/product/messages';
import { within } from '#libs/contracts/time-limit';
import { DiscountSource } from '#libs/pricing/discount-source';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type CartEnv, cartEnv } from './cart.env.ts';
import { basketOf, type Discounting, type KeptCart, pricedCart } from './cart.ts';
import { RecentQuotes } from './recent-quotes.ts';

/** A cart waits this long for its discounts, well below what its caller waits for the cart. */
const DISCOUNTS_MS = 600;
/** Who puts a code on the cart waits for the verdict, and is told in time that there is none. */
const VERDICT_MS = 1_200;
/** After a wait in vain carts are answered without discounts for this long, without a wait of their own. */
const REST_MS = 1_000;

/** Quotes by variant; null for a variant that does not exist. */
export type Asked = Map<string, Quote | null>;

/** Prices, stock and discounts of now. */
@Injectable()
export class CartPricing {
  private restsUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly quotes: RecentQuotes,
    private readonly discounts: DiscountSource,
    @InjectEnvironment(cartEnv) private readonly env: CartEnv,
  ) {}

  /** The cart as it is answered; it may hold lines that came from elsewhere since the prices were fetched. */
  async priced(cart: KeptCart, asked: Asked = new Map()): Promise<Cart> {
    await this.quote(variantsOf(cart), asked);
    const quotes = known(asked);
    const basket = basketOf(cart, quotes);
    const discounting = await this.discountsOrNone(basket);
    return pricedCart(cart, quotes, basket, discounting, { fee: this.env.SHIPPING_FEE, freeFrom: this.env.FREE_SHIPPING_FROM });
  }

  /** What coupons do to the cart. @throws unavailable when they cannot be asked. */
  async discountsOf(cart: KeptCart, asked: Asked): Promise<Discounts> {
    await this.quote(variantsOf(cart), asked);
    try {
      return await within(VERDICT_MS, this.discounts.discountsFor(basketOf(cart, known(asked))), late);
    } catch (error) {
      throw isAway(error) ? refuse('unavailable', 'Coupons cannot be checked right now') : error;
    }
  }

  async quote(variantIds: readonly string[], asked: Asked): Promise<void> {
    const open = new Set(variantIds.filter((id) => !asked.has(id)));
    if (open.size === 0) return;
    const quotes = await this.quotes.of(open);
    for (const id of open) asked.set(id, quotes.get(id) ?? null);
  }

  private async discountsOrNone(basket: Basket): Promise<Discounting> {
    if (performance.now() < this.restsUntil) return 'unavailable';
    try {
      return await within(DISCOUNTS_MS, this.discounts.discountsFor(basket), late);
    } catch (error) {
      if (!isAway(error)) throw error;
      this.restsUntil = performance.now() + REST_MS;
      return 'unavailable';
    }
  }
}

export const variantsOf = ({ lines }: Pick<KeptCart, 'lines'>): string[] => lines.map(({ variantId }) => variantId);

const known = (asked: Asked): Map<string, Quote> => new Map([...asked].filter((entry): entry is [string, Quote] => entry[1] !== null));

const isAway = (error: unknown): boolean => error instanceof Refusal && error.retryable;

function late(): never {
  throw refuse('timeout');
}
