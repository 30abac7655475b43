import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import { productApi } from '#libs/contracts/product/api';
import { availabilityOf } from '#libs/contracts/product/views';
import { Signals } from '#libs/messaging/signals';
import type { Logger } from '#libs/observability/logger';
import type { Transaction } from '#libs/persistence/transaction';

import { InjectLogger } from '#libs/runtime/core.module';
import { Rounds } from '#libs/runtime/rounds';
import { CatalogueCache } from './catalogue-cache.ts';
import { ListingSummaryRepository } from './listing-summary.repository.ts';
import { stockOuts } from './product.metrics.ts';
import { type ProductPrice, ProductRepository } from './product.repository.ts';
import type { StockRow } from './stock.repository.ts';

const MAX_IN_SIGNAL = 100;
/** With what an edit may wait before it counts as cut off and the second that gateways keep pages, an edit shows within two seconds. */
const ROUND_MS = 400;

/** Makes an edit visible: refreshes the summaries that lists read, and ends what this service and the gateway have cached. */
@Injectable()
export class CatalogueChanges {
  constructor(
    private readonly cache: CatalogueCache,
    private readonly summaries: ListingSummaryRepository,
    private readonly products: ProductRepository,
    private readonly signals: Signals,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    rounds.every('product.owed_renewals', ROUND_MS, async () => {
      if (await this.cache.isOwed()) await this.announce([]);
    });
  }

  /** Variants of these products changed. */
  async edited(tx: Transaction, productIds: readonly string[]): Promise<void> {
    await this.summaries.refresh(tx, productIds);
    this.announceAfter(tx, productIds);
  }

  /**
   * `change`: by how many units the available ones of a row have changed since it was locked. A change that the public cannot see ends no cache; a rise is told in any case.
   */
  async stockMoved(tx: Transaction, locked: readonly StockRow[], change: (row: StockRow) => number): Promise<void> {
    this.tellRises(tx, locked, change);
    await this.stockMovedUntold(tx, locked, change);
  }

  /** Of units that may be taken again in the same transaction: `tellRises` follows where they are not. */
  async stockMovedUntold(tx: Transaction, locked: readonly StockRow[], change: (row: StockRow) => number): Promise<void> {
    const moved = locked.map((row) => {
      const before = row.onHand - row.reserved;
      return { productId: row.productId, before: availabilityOf(before), after: availabilityOf(before + change(row)) };
    });
    const emptied = moved.filter(({ before, after }) => before !== 'out_of_stock' && after === 'out_of_stock').length;
    if (emptied > 0) tx.afterCommit(() => stockOuts.inc(emptied));
    const visible = moved.filter(({ before, after }) => before !== after);
    await this.summaries.refresh(
      tx,
      visible.filter(({ before, after }) => before === 'out_of_stock' || after === 'out_of_stock').map(({ productId }) => productId),
    );
    if (visible.length > 0) this.announceAfter(tx, [...new Set(visible.map(({ productId }) => productId))]);
  }

  tellRises(tx: Transaction, locked: readonly StockRow[], change: (row: StockRow) => number): void {
    for (const row of locked) this.tellRise(tx, row, change(row));
  }

  private tellRise(tx: Transaction, { productId, variantId, onHand, reserved, price, forSale }: StockRow, by: number): void {
    if (by > 0 && forSale) tx.publish(productApi.events.stockRose, { productId, variantId, by, available: onHand - reserved + by, price });
  }

  /** After the summary has the product's price. `variant`: whose price is new; else the product's may be. */
  async tellPrice(tx: Transaction, productId: string, variant?: { readonly id: string; readonly price: number }): Promise<void> {
    const cheapest = await this.products.nextPrice(tx, productId);
    if (cheapest !== undefined) this.publishPrice(tx, productId, variant ?? { id: cheapest.variantId, price: cheapest.price }, cheapest);
  }

  /** The same of many variants of one product; each has a version of its own. */
  async tellPrices(
    tx: Transaction,
    productId: string,
    variants: readonly { readonly id: string; readonly price: number }[],
  ): Promise<void> {
    const cheapest = await this.products.nextPrice(tx, productId, variants.length);
    if (cheapest === undefined) return;
    const first = cheapest.version - variants.length + 1;
    for (const [index, variant] of variants.entries()) this.publishPrice(tx, productId, variant, { ...cheapest, version: first + index });
  }

  private publishPrice(
    tx: Transaction,
    productId: string,
    { id: variantId, price }: { readonly id: string; readonly price: number },
    { price: productPrice, version }: ProductPrice,
  ): void {
    tx.publish(productApi.events.priceChanged, { productId, variantId, price, productPrice, version });
  }

  /** Logs what an admin did once it is committed: ids and amounts, no words. */
  record(tx: Transaction, call: Call, event: string, about: Readonly<Record<string, unknown>>): void {
    const { userId: by } = userOf(call);
    tx.afterCommit(() => this.logger.info({ ...about, by }, event));
  }

  /** Ends the caches once the transaction is committed. No ids: the categories changed. */
  announceAfter(tx: Transaction, productIds: readonly string[]): void {
    const edit = this.cache.noteEdit();
    tx.afterCommit(() => this.announce(productIds, edit));
  }

  /** Ends the caches of what is committed. `edit`: as it was noted. */
  async announce(productIds: readonly string[], edit?: string): Promise<void> {
    await this.cache.renew(edit);
    for (let from = 0; from === 0 || from < productIds.length; from += MAX_IN_SIGNAL)
      this.signals.send(productApi.signals.changed, { productIds: productIds.slice(from, from + MAX_IN_SIGNAL) });
  }
}
