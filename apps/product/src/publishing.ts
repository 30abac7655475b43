import { Injectable } from '@nestjs/common';
import { productApi } from '#libs/contracts/product/api';
import { NEEDED_FOR_SALE } from '#libs/contracts/product/staff-views';
import type { Transaction } from '#libs/persistence/transaction';
import { CatalogueChanges } from './catalogue-changes.ts';
import { PublishingRepository } from './publishing.repository.ts';

/** From a draft to a product that customers see. Each step is one of an edit, which has locked the product. */
@Injectable()
export class Publishing {
  constructor(
    private readonly rows: PublishingRepository,
    private readonly changes: CatalogueChanges,
  ) {}

  isPublished(tx: Transaction, id: string): Promise<boolean> {
    return this.rows.isPublished(tx, id);
  }

  /** @throws Refusal `product.incomplete`, which names what is missing, of the product as the transaction has it now. */
  async requireComplete(tx: Transaction, id: string): Promise<void> {
    const missing = await this.rows.missing(tx, id);
    if (missing.length === 0) return;
    const named = NEEDED_FOR_SALE.filter((field) => missing.includes(field));
    throw productApi.refuse('product.incomplete', `The product cannot be published without ${named.join(', ')}`, { missing: named });
  }

  /** Those who wait for it hear that it can be had again, and at which prices. */
  async tell(tx: Transaction, id: string): Promise<void> {
    const variants = await this.rows.variants(tx, id);
    await this.changes.tellPrices(tx, id, variants);
    for (const { id: variantId, available, price } of variants)
      if (available > 0) tx.publish(productApi.events.stockRose, { productId: id, variantId, by: available, available, price });
  }
}
