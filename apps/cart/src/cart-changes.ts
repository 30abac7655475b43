import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Call } from '#libs/contracts/call';
import { cartApi } from '#libs/contracts/cart/api';
import { type Cart, MAX_CART_LINES, MAX_LINE_QUANTITY } from '#libs/contracts/cart/views';
import { notFound, type Refusal } from '#libs/contracts/errors';
import { IdempotencyKeyReused } from '#libs/persistence/idempotency';
import { Additions } from './additions.ts';
import { type KeptCart, snapshotOf } from './cart.ts';
import { CartEvents } from './cart-events.ts';
import { type Asked, CartPricing, variantsOf } from './cart-pricing.ts';
import { CartStore, type NewQuantity, type UnknownVariant, type WriteRefusal, type Written } from './cart-store.ts';
import { digestsOf, keyIn } from './cart-value.ts';

const MAX_KNOWN_CARTS = 5_000;

/**
 * Changes of lines, the same for users and guests; each knows the lines that the cart had. Prices are fetched before a cart is changed, so that a
 * product service that is away changes nothing.
 */
@Injectable()
export class CartChanges {
  /** The variants in carts that were added to lately. */
  private readonly lines = new LRUCache<string, readonly string[]>({ max: MAX_KNOWN_CARTS });

  constructor(
    private readonly store: CartStore,
    private readonly pricing: CartPricing,
    private readonly events: CartEvents,
    private readonly additions: Additions,
  ) {}

  /** To a user's cart, which is not read first where its lines are known from the last time. */
  async addTo(owner: string, variantId: string, quantity: number, call: Call): Promise<Cart> {
    const lines = this.lines.get(owner) ?? variantsOf(await this.store.read(owner));
    return this.add(owner, lines, variantId, quantity, call);
  }

  /** `lines`: the variants that are in the cart. One more of them is priced after the write. */
  async add(owner: string, lines: readonly string[], variantId: string, quantity: number, call: Call): Promise<Cart> {
    const asked: Asked = new Map();
    await this.pricing.quote([variantId, ...lines], asked);
    const written = accepted(await this.store.add(owner, changeOf(variantId, quantity, asked), call));
    this.lines.set(owner, variantsOf(written));
    this.additions.note(owner, variantId);
    return this.pricing.priced(written, asked);
  }

  /** Once for each `takeId`. */
  async take(owner: string, takeId: string, variantId: string, quantity: number): Promise<Cart> {
    const asked: Asked = new Map();
    await this.pricing.quote([variantId, ...variantsOf(await this.store.read(owner))], asked);
    const change = changeOf(variantId, quantity, asked);
    const cart = await this.events.once(owner, takeId, async () => accepted(await this.store.take(owner, takeId, change)));
    return this.pricing.priced(cart, asked);
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

function changeOf(variantId: string, quantity: number, asked: Asked): NewQuantity | UnknownVariant {
  const quote = asked.get(variantId);
  return { variantId, quantity, ...(quote && { available: quote.available, written: snapshotOf(quote) }) };
}

/** The scripts check the key again; here a repeat is answered even when its line is gone since. */
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
    case 'no_variant':
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
