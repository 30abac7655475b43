import { Injectable } from '@nestjs/common';
import type { Call } from '#libs/contracts/call';
import { cartApi } from '#libs/contracts/cart/api';
import { type Cart, MAX_CART_LINES, MAX_LINE_QUANTITY } from '#libs/contracts/cart/views';
import { notFound, type Refusal } from '#libs/contracts/errors';
import { IdempotencyKeyReused } from '#libs/persistence/idempotency';
import { type KeptCart, snapshotOf } from './cart.ts';
import { type Asked, CartPricing, variantsOf } from './cart-pricing.ts';
import { CartStore, type WriteRefusal, type Written } from './cart-store.ts';
import { digestsOf, keyIn } from './cart-value.ts';

/**
 * Changes of lines, the same for users and guests; each takes the cart as it was read. Prices are fetched before a cart is changed, so that a
 * product service that is away changes nothing.
 */
@Injectable()
export class CartChanges {
  constructor(
    private readonly store: CartStore,
    private readonly pricing: CartPricing,
  ) {}

  async add(cart: KeptCart, variantId: string, quantity: number, call: Call): Promise<Cart> {
    const asked: Asked = new Map();
    if (isRepeat(cart, call)) return this.pricing.priced(cart, asked);
    await this.pricing.quote([variantId, ...variantsOf(cart)], asked);
    const quote = asked.get(variantId);
    if (!quote) throw notFound();
    const { available } = quote;
    const written = await this.store.add(cart.owner, { variantId, quantity, available, written: snapshotOf(quote) }, call);
    return this.pricing.priced(accepted(written), asked);
  }

  /** 0 removes the line. */
  async set(cart: KeptCart, itemId: string, quantity: number, call: Call): Promise<Cart> {
    const asked: Asked = new Map();
    if (isRepeat(cart, call)) return this.pricing.priced(cart, asked);
    const line = cart.lines.find(({ id }) => id === itemId);
    if (line === undefined) throw notFound();
    await this.pricing.quote(variantsOf(cart), asked);
    const { variantId } = line;
    const quote = asked.get(variantId);
    const change = quote
      ? { variantId, quantity, available: quote.available, written: snapshotOf(quote) }
      : { variantId, quantity, available: 0, written: line.written };
    return this.pricing.priced(accepted(await this.store.set(cart.owner, itemId, change, call)), asked);
  }
}

/** The scripts check the key again; here a repeat is answered even when its variant is gone or sold out since. */
export function isRepeat(cart: KeptCart, { idempotency }: Call): boolean {
  if (idempotency === undefined) return false;
  const known = keyIn(cart, digestsOf(idempotency));
  if (known === 'reused') throw new IdempotencyKeyReused();
  return known === 'same';
}

export function accepted<T extends object>(written: T | Extract<Written, string>): T {
  if (typeof written === 'string') throw refusalOf(written);
  return written;
}

function refusalOf(refusal: WriteRefusal): Refusal | IdempotencyKeyReused {
  switch (refusal) {
    case 'reused':
      return new IdempotencyKeyReused();
    case 'no_line':
    case 'merged':
      return notFound();
    case 'stale':
      return cartApi.refuse('cart.version_conflict', 'The cart has changed since this version');
    case 'line_limit':
      return cartApi.refuse('cart.line_limit', `A line takes at most ${MAX_LINE_QUANTITY} units`);
    case 'too_many_lines':
      return cartApi.refuse('cart.too_many_lines', `A cart takes at most ${MAX_CART_LINES} lines`);
    case 'out_of_stock':
      return cartApi.refuse('cart.out_of_stock', 'There are not that many units left');
  }
}
