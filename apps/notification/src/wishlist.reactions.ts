import { Injectable } from '@nestjs/common';
import type { AlertHit } from '#libs/contracts/wishlist/messages';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { Announcer } from './announcer.ts';
import { Links } from './links.ts';
import { rupees } from './texts/rupees.ts';

/** What wishers waited for. */
@Injectable()
export class WishlistReactions {
  constructor(
    private readonly announcer: Announcer,
    private readonly links: Links,
  ) {}

  /** The product's name, and whether it still holds, is asked for as it leaves. */
  async onWishlistAlertHit(
    { alertId, userId, kind, productId, variantId, price }: AlertHit,
    { transaction }: TransactionalDelivery,
  ): Promise<void> {
    const link = this.links.product(productId, variantId);
    const data = { alertId, productId, ...(variantId === null ? {} : { variantId }), link };
    this.announcer.announce(transaction, { template: kind, userId, variables: { price: rupees(price), link }, data });
  }
}
