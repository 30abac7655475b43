import { Injectable } from '@nestjs/common';
import type { AccountChanged, AccountErased } from '#libs/contracts/auth/messages';
import type { PriceChanged, StockRose, Withdrawn } from '#libs/contracts/product/messages';
import type { InTransaction, TransactionalDelivery } from '#libs/runtime/handlers';
import { AlertRepository } from './alert.repository.ts';
import { WisherRepository } from './wisher.repository.ts';

@Injectable()
export class WishlistReactions {
  constructor(
    private readonly alerts: AlertRepository,
    private readonly wishers: WisherRepository,
  ) {}

  /** Rises of one variant add up. */
  async onProductStockRose(rises: readonly StockRose[], { transaction }: InTransaction): Promise<void> {
    const byVariant = new Map<string, { units: number; price: number }>();
    for (const { variantId, by, price } of rises) byVariant.set(variantId, { units: (byVariant.get(variantId)?.units ?? 0) + by, price });
    await this.alerts.tellRises(transaction, byVariant);
  }

  async onProductPriceChanged(changed: PriceChanged, { transaction }: TransactionalDelivery): Promise<void> {
    await this.alerts.tellPrice(transaction, changed);
  }

  /** Entries need nothing: each read asks product for their cards. */
  async onProductWithdrawn({ productId, variantId }: Withdrawn, { transaction }: TransactionalDelivery): Promise<void> {
    this.alerts.end(transaction, productId, variantId);
  }

  async onAuthAccountChanged({ userId, disabled, version }: AccountChanged, { transaction }: TransactionalDelivery): Promise<void> {
    this.wishers.note(transaction, userId, { disabled, version });
  }

  async onAuthErased({ userId }: AccountErased, { transaction }: TransactionalDelivery): Promise<void> {
    this.wishers.erase(transaction, userId);
  }
}
