import { Injectable } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import { CartRepository } from './cart.repository.ts';
import type { KeptCart } from './cart.ts';
import { CartStore, type EventInCart } from './cart-store.ts';

/** Each round after the first is a flush of Redis in the middle of the one before. */
const MAX_ROUNDS = 5;

/** What comes to a cart from elsewhere, once in effect. */
@Injectable()
export class CartEvents {
  constructor(
    private readonly store: CartStore,
    private readonly repository: CartRepository,
  ) {}

  /**
   * The cart in Redis keeps the event's id, Postgres gets the cart and the inbox row together, and then Redis is asked again: a cart restored
   * there from before the event takes it now. Answers the cart that has it. What `takeIn` throws changes nothing.
   */
  async once(owner: string, eventId: string, takeIn: () => Promise<EventInCart>): Promise<KeptCart> {
    if (await this.repository.hasSeen(eventId)) return this.store.read(owner);
    let stored = false;
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      const { cart, isNew } = await takeIn();
      if (stored && !isNew) return cart;
      if (stored) await this.repository.store([cart]);
      else stored = await this.repository.storeConsumed(cart, eventId);
    }
    throw refuse('unavailable');
  }
}
