import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Call } from '#libs/contracts/call';
import type { AddGuestItem, GuestCartOf, GuestItemRef, MergeCart, SetGuestItem } from '#libs/contracts/cart/api';
import type { Cart, GuestCart } from '#libs/contracts/cart/views';
import { notFound, refuse } from '#libs/contracts/errors';
import { CartRepository } from './cart.repository.ts';
import { guestOwnerOf, isOpen, type KeptCart, ownerOf, snapshotOf } from './cart.ts';
import { accepted, CartChanges, isRepeat } from './cart-changes.ts';
import { type Asked, CartPricing, variantsOf } from './cart-pricing.ts';
import { CartStore } from './cart-store.ts';
import { hasEvent, mergeEventOf } from './cart-value.ts';

const TOKEN_BYTES = 32;
/** Each round after the first makes up for a write to the guest's cart or a flush of Redis in the middle of the one before. */
const MAX_ROUNDS = 8;

/** Carts of those who are not signed in, and their way into a user's cart. */
@Injectable()
export class GuestHandlers {
  constructor(
    private readonly store: CartStore,
    private readonly repository: CartRepository,
    private readonly changes: CartChanges,
    private readonly pricing: CartPricing,
  ) {}

  async createGuest(): Promise<GuestCart> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    return { token, cart: await this.pricing.priced(await this.store.open(guestOwnerOf(token))) };
  }

  async getGuest({ token }: GuestCartOf): Promise<Cart> {
    return this.pricing.priced(await this.store.readOpen(guestOwnerOf(token)));
  }

  async addGuestItem({ token, variantId, quantity }: AddGuestItem, call: Call): Promise<Cart> {
    const cart = await this.store.readOpen(guestOwnerOf(token));
    return this.changes.add(cart.owner, variantsOf(cart), variantId, quantity, call);
  }

  async setGuestItem({ token, itemId, quantity }: SetGuestItem, call: Call): Promise<Cart> {
    return this.changes.set(await this.store.readOpen(guestOwnerOf(token)), itemId, quantity, call);
  }

  removeGuestItem({ token, itemId }: GuestItemRef, call: Call): Promise<Cart> {
    return this.setGuestItem({ token, itemId, quantity: 0 }, call);
  }

  async clearGuest({ token }: GuestCartOf, call: Call): Promise<void> {
    const { owner } = await this.store.readOpen(guestOwnerOf(token));
    accepted(await this.store.clear(owner, call));
  }

  /**
   * Redis adds the lines and marks the guest's cart as taken in one step. Both carts are then stored together, Redis is asked again, because
   * it may have been flushed and restored from before the merge, and only then the merge is noted as complete. A repeat goes on where a crash
   * has left it.
   */
  async merge({ userId, guestToken }: MergeCart, call: Call): Promise<Cart> {
    const owner = ownerOf(userId);
    const guest = guestOwnerOf(guestToken);
    const asked: Asked = new Map();
    const taker = await this.repository.takerOf(guest);
    const cart = await this.store.read(owner);
    isRepeat(cart, call);
    if (taker !== undefined) {
      if (taker !== owner) throw notFound();
      return this.pricing.priced(cart, asked);
    }
    let guard: Pick<Call, 'ifMatch' | 'idempotency'> = call;
    let stored = false;
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      const left = await this.readFor(owner, guest);
      await this.pricing.quote([...variantsOf(left), ...variantsOf(cart)], asked);
      const lines = left.lines.map(({ variantId }) => {
        const quote = asked.get(variantId);
        return { variantId, available: quote?.available ?? 0, written: quote ? snapshotOf(quote) : undefined };
      });
      const merged = await this.store.merge(owner, left, lines, guard);
      if (merged === 'guest_changed') continue;
      const { outcome, cart: current } = accepted(merged);
      if (stored && outcome === 'known') {
        await this.repository.noteMerge(guest, owner);
        return this.pricing.priced(current, asked);
      }
      // What the caller has seen is checked once; a round that makes up for a flush must not fail on it.
      guard = { ...(call.idempotency === undefined ? {} : { idempotency: call.idempotency }) };
      stored = await this.storeMerge(owner, guest);
    }
    throw refuse('unavailable', 'The cart is changing all the time');
  }

  private async readFor(owner: string, guest: string): Promise<KeptCart> {
    const cart = await this.store.read(guest);
    if (cart.mergedBy !== owner && !isOpen(cart, Date.now())) throw notFound();
    return cart;
  }

  /** False when Postgres has a newer cart without the merge; Redis then gets that one. */
  private async storeMerge(owner: string, guest: string): Promise<boolean> {
    await this.repository.store(await this.store.readAll([owner, guest]));
    const cart = await this.repository.find(owner);
    if (cart !== undefined && hasEvent(cart.events, mergeEventOf(guest))) return true;
    await this.store.restore(owner);
    return false;
  }
}
