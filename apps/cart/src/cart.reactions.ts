import { Injectable } from '@nestjs/common';
import type { AccountErased } from '#libs/contracts/auth/messages';
import type { Delivery } from '#libs/contracts/contract';
import { refuse } from '#libs/contracts/errors';
import type { OrderConfirmed } from '#libs/contracts/order/messages';
import { CartRepository } from './cart.repository.ts';
import { ownerOf } from './cart.ts';
import { CartStore } from './cart-store.ts';

/** Each round after the first is a flush of Redis in the middle of the one before. */
const MAX_ROUNDS = 5;

@Injectable()
export class CartReactions {
  constructor(
    private readonly store: CartStore,
    private readonly repository: CartRepository,
  ) {}

  /**
   * What was ordered leaves the cart, once; what was added meanwhile stays. The cart in Redis keeps the event's id, Postgres gets the cart
   * and the inbox row together, and then Redis is asked again: a cart restored there from before the event takes it now.
   */
  async onOrderConfirmed({ userId, cartVersion, lines }: OrderConfirmed, { eventId }: Delivery): Promise<void> {
    if (cartVersion === null || (await this.repository.hasSeen(eventId))) return;
    const owner = ownerOf(userId);
    let stored = false;
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      const { cart, isNew } = await this.store.consume(owner, eventId, lines);
      if (stored && !isNew) return;
      if (stored) await this.repository.store([cart]);
      else stored = await this.repository.storeConsumed(cart, eventId);
    }
    throw refuse('unavailable');
  }

  /** An empty cart is kept, which is newer than any copy on its way to Postgres; to empty it again changes nothing. */
  async onAuthErased({ userId }: AccountErased): Promise<void> {
    const cart = await this.store.clear(ownerOf(userId), {});
    if (typeof cart !== 'string') await this.repository.store([cart]);
  }
}
