import { Injectable } from '@nestjs/common';
import type { Call } from '#libs/contracts/call';
import {
  type AddCartItem,
  type Cart,
  type CartItemRef,
  type CartOf,
  type CartSnapshot,
  cartApi,
  type SetCartItem,
} from '#libs/contracts/cart';
import { notFound, type Refusal, refuse } from '#libs/contracts/errors';
import { productApi } from '#libs/contracts/product';
import { type Quote } from '#libs/contracts/reservation';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { IdempotencyKeyReused } from '#libs/persistence/idempotency';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type CartEnv, cartEnv } from './cart.env.ts';
import { CartRepository } from './cart.repository.ts';
import { CartStore, type WriteRefusal, type Written } from './cart.store.ts';
import { type KeptCart, ownerOf, pricedCart, snapshotOf } from './cart.ts';
import { digestsOf, keyIn } from './cart-value.ts';

/** Variants that product quotes at once. */
const MAX_QUOTED = 50;
/** A cart that keeps being written is stored within the first tries. */
const MAX_SNAPSHOT_TRIES = 5;

/** Answers by variant; null for one that does not exist. */
type Asked = Map<string, Quote | null>;

/** Prices are fetched before a cart is changed, so that a product service that is away changes nothing. */
@Injectable()
export class CartHandlers {
  constructor(
    private readonly store: CartStore,
    private readonly repository: CartRepository,
    @InjectPeer(productApi) private readonly product: Peer<typeof productApi>,
    @InjectEnvironment(cartEnv) private readonly env: CartEnv,
  ) {}

  async get({ userId }: CartOf, _call: Call): Promise<Cart> {
    return this.priced(await this.store.read(ownerOf(userId)), userId, new Map());
  }

  async addItem({ userId, variantId, quantity }: AddCartItem, call: Call): Promise<Cart> {
    const cart = await this.store.read(ownerOf(userId));
    const asked: Asked = new Map();
    if (isRepeat(cart, call)) return this.priced(cart, userId, asked);
    await this.quote([variantId, ...variantsOf(cart)], asked);
    const quote = asked.get(variantId);
    if (!quote) throw notFound();
    const { available } = quote;
    const written = await this.store.add(cart.owner, { variantId, quantity, available, written: snapshotOf(quote) }, call);
    return this.priced(accepted(written), userId, asked);
  }

  async setItem({ userId, itemId, quantity }: SetCartItem, call: Call): Promise<Cart> {
    const cart = await this.store.read(ownerOf(userId));
    const asked: Asked = new Map();
    if (isRepeat(cart, call)) return this.priced(cart, userId, asked);
    const line = cart.lines.find(({ id }) => id === itemId);
    if (line === undefined) throw notFound();
    await this.quote(variantsOf(cart), asked);
    const { variantId } = line;
    const quote = asked.get(variantId);
    const change = quote
      ? { variantId, quantity, available: quote.available, written: snapshotOf(quote) }
      : { variantId, quantity, available: 0, written: line.written };
    return this.priced(accepted(await this.store.set(cart.owner, itemId, change, call)), userId, asked);
  }

  removeItem({ userId, itemId }: CartItemRef, call: Call): Promise<Cart> {
    return this.setItem({ userId, itemId, quantity: 0 }, call);
  }

  async clear({ userId }: CartOf, call: Call): Promise<void> {
    accepted(await this.store.clear(ownerOf(userId), call));
  }

  /** What is answered is in Postgres: an order is made from a cart that no flush can take back. */
  async snapshot({ userId }: CartOf, _call: Call): Promise<CartSnapshot> {
    const owner = ownerOf(userId);
    for (let tries = 1; tries <= MAX_SNAPSHOT_TRIES; tries += 1) {
      const cart = await this.store.read(owner);
      const lines = cart.lines.map(({ variantId, quantity }) => ({ variantId, quantity }));
      if (lines.length === 0) return { version: cart.version, lines };
      await this.repository.store([cart]);
      if ((await this.repository.find(owner))?.version === cart.version) return { version: cart.version, lines };
      // Postgres has a newer cart: Redis has it too, unless it was flushed.
      await this.store.restore(owner);
    }
    throw refuse('unavailable', 'The cart is changing all the time');
  }

  /** The cart may hold lines that came from elsewhere since the prices were fetched. */
  private async priced(cart: KeptCart, userId: string, asked: Asked): Promise<Cart> {
    await this.quote(variantsOf(cart), asked);
    const quotes = new Map([...asked].filter((entry): entry is [string, Quote] => entry[1] !== null));
    return pricedCart(cart, userId, quotes, { fee: this.env.SHIPPING_FEE, freeFrom: this.env.FREE_SHIPPING_FROM });
  }

  private async quote(variantIds: readonly string[], asked: Asked): Promise<void> {
    const open = [...new Set(variantIds)].filter((id) => !asked.has(id));
    // A full cart and one more variant take two calls.
    for (let from = 0; from < open.length; from += MAX_QUOTED) {
      const wanted = open.slice(from, from + MAX_QUOTED);
      const { items } = await this.product.quote({ variantIds: wanted });
      for (const id of wanted) asked.set(id, null);
      for (const quote of items) asked.set(quote.variantId, quote);
    }
  }
}

const variantsOf = ({ lines }: KeptCart): string[] => lines.map(({ variantId }) => variantId);

/** The scripts check the key again; here a repeat is answered even when its variant is gone or sold out since. */
function isRepeat(cart: KeptCart, { idempotency }: Call): boolean {
  if (idempotency === undefined) return false;
  const known = keyIn(cart, digestsOf(idempotency));
  if (known === 'reused') throw new IdempotencyKeyReused();
  return known === 'same';
}

function accepted(written: Written): KeptCart {
  if (typeof written === 'string') throw refusalOf(written);
  return written;
}

function refusalOf(refusal: WriteRefusal): Refusal | IdempotencyKeyReused {
  switch (refusal) {
    case 'reused':
      return new IdempotencyKeyReused();
    case 'no_line':
      return notFound();
    case 'stale':
      return cartApi.refuse('cart.version_conflict', 'The cart has changed since this version');
    case 'line_limit':
      return cartApi.refuse('cart.line_limit', 'A line takes at most 20 units');
    case 'too_many_lines':
      return cartApi.refuse('cart.too_many_lines', 'A cart takes at most 50 lines');
    case 'out_of_stock':
      return cartApi.refuse('cart.out_of_stock', 'There are not that many units left');
  }
}
