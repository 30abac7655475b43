import { Injectable } from '@nestjs/common';
import type { Call } from '#libs/contracts/call';
import { type AddCartItem, type CartCoupon, type CartItemRef, cartApi, type SetCartItem } from '#libs/contracts/cart/api';
import type { CartSnapshot, TakeItem } from '#libs/contracts/cart/messages';
import type { Cart } from '#libs/contracts/cart/views';
import { type Refusal, refuse } from '#libs/contracts/errors';
import type { ByUser } from '#libs/contracts/page';
import { CartRepository } from './cart.repository.ts';
import { normalisedCode, ownerOf } from './cart.ts';
import { accepted, CartChanges } from './cart-changes.ts';
import { type Asked, CartPricing, variantsOf } from './cart-pricing.ts';
import { CartStore } from './cart-store.ts';

/** A cart that keeps being written is stored within the first tries. */
const MAX_SNAPSHOT_TRIES = 5;

@Injectable()
export class CartHandlers {
  constructor(
    private readonly store: CartStore,
    private readonly repository: CartRepository,
    private readonly changes: CartChanges,
    private readonly pricing: CartPricing,
  ) {}

  async get({ userId }: ByUser): Promise<Cart> {
    return this.pricing.priced(await this.store.read(ownerOf(userId)));
  }

  addItem({ userId, variantId, quantity }: AddCartItem, call: Call): Promise<Cart> {
    return this.changes.addTo(ownerOf(userId), variantId, quantity, call);
  }

  async setItem({ userId, itemId, quantity }: SetCartItem, call: Call): Promise<Cart> {
    return this.changes.set(await this.store.read(ownerOf(userId)), itemId, quantity, call);
  }

  removeItem({ userId, itemId }: CartItemRef, call: Call): Promise<Cart> {
    return this.setItem({ userId, itemId, quantity: 0 }, call);
  }

  async clear({ userId }: ByUser, call: Call): Promise<void> {
    accepted(await this.store.clear(ownerOf(userId), call));
  }

  /** A code that exists for this customer is kept although it gives nothing yet: the cart says what is missing. */
  async setCoupon({ userId, code }: CartCoupon, call: Call): Promise<Cart> {
    const coupon = normalisedCode(code);
    if (coupon === undefined) throw notValid();
    const cart = await this.store.read(ownerOf(userId));
    const asked: Asked = new Map();
    const { code: verdict } = await this.pricing.discountsOf({ ...cart, coupon }, asked);
    if (verdict === undefined || verdict === 'unknown') throw notValid();
    return this.pricing.priced(accepted(await this.store.setCoupon(cart.owner, coupon, call)), asked);
  }

  async removeCoupon({ userId }: ByUser, call: Call): Promise<Cart> {
    const asked: Asked = new Map();
    const cart = await this.store.read(ownerOf(userId));
    await this.pricing.quote(variantsOf(cart), asked);
    return this.pricing.priced(accepted(await this.store.setCoupon(cart.owner, '', call)), asked);
  }

  take({ userId, variantId, quantity, takeId }: TakeItem): Promise<Cart> {
    return this.changes.take(ownerOf(userId), takeId, variantId, quantity);
  }

  /** What is answered is in Postgres: an order is made from a cart that no flush can take back. */
  async snapshot({ userId }: ByUser): Promise<CartSnapshot> {
    const owner = ownerOf(userId);
    for (let tries = 1; tries <= MAX_SNAPSHOT_TRIES; tries += 1) {
      const cart = await this.store.read(owner);
      const lines = cart.lines.map(({ variantId, quantity }) => ({ variantId, quantity }));
      const snapshot = { version: cart.version, lines, ...(cart.coupon === '' ? {} : { couponCode: cart.coupon }) };
      if (lines.length === 0) return snapshot;
      if (await this.repository.storeForOrder(cart)) return snapshot;
      // Postgres has a newer cart: Redis has it too, unless it was flushed.
      await this.store.restore(owner);
    }
    throw refuse('unavailable', 'The cart is changing all the time');
  }
}

const notValid = (): Refusal => cartApi.refuse('coupon.not_valid', 'There is no such coupon');
