import { Injectable } from '@nestjs/common';
import type { AccountErased } from '#libs/contracts/auth/messages';
import type { Delivery } from '#libs/contracts/contract';
import type { OrderConfirmed } from '#libs/contracts/order/messages';
import { CartRepository } from './cart.repository.ts';
import { ownerOf } from './cart.ts';
import { CartEvents } from './cart-events.ts';
import { CartStore } from './cart-store.ts';

@Injectable()
export class CartReactions {
  constructor(
    private readonly store: CartStore,
    private readonly repository: CartRepository,
    private readonly events: CartEvents,
  ) {}

  /** What was ordered leaves the cart, once; what was added meanwhile stays. */
  async onOrderConfirmed({ userId, cartVersion, lines }: OrderConfirmed, { eventId }: Delivery): Promise<void> {
    if (cartVersion === null) return;
    const owner = ownerOf(userId);
    await this.events.once(owner, eventId, () => this.store.consume(owner, eventId, lines));
  }

  /** An empty cart is kept, which is newer than any copy on its way to Postgres and takes nothing more; to erase it again changes nothing. */
  async onAuthErased({ userId }: AccountErased): Promise<void> {
    const cart = await this.store.erase(ownerOf(userId));
    if (typeof cart !== 'string') await this.repository.store([cart]);
  }
}
