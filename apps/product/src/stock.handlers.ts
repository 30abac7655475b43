import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid, notFound } from '#libs/contracts/errors';
import type { VariantRef } from '#libs/contracts/product/admin';
import { productApi } from '#libs/contracts/product/api';
import type { SetStock } from '#libs/contracts/product/stock';
import type { Stock } from '#libs/contracts/product/views';
import { Database } from '#libs/persistence/database';
import { onceFor } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { CatalogueChanges } from './catalogue-changes.ts';
import { MAX_ON_HAND, StockRepository } from './stock.repository.ts';

/** Exact stock, for staff. */
@Injectable()
export class StockHandlers {
  constructor(
    private readonly database: Database,
    private readonly stocks: StockRepository,
    private readonly changes: CatalogueChanges,
  ) {}

  async stock({ id, variantId }: VariantRef): Promise<Stock> {
    const stock = await this.stocks.find(id, variantId);
    if (stock === undefined) throw notFound();
    return stock;
  }

  async setStock(input: SetStock, call: Call): Promise<Stock> {
    const change = changeOf(input);
    return this.database.transaction(async (tx) => {
      const found = await this.stocks.find(input.id, input.variantId, tx);
      if (found === undefined) throw notFound();
      return onceFor(tx, call, input.variantId, { make: () => this.apply(tx, input, change, call), read: async () => found });
    });
  }

  private async apply(tx: Transaction, input: SetStock, change: Change, call: Call): Promise<Stock> {
    const { variantId, reason = null } = input;
    const locked = await this.stocks.lock(tx, [variantId]);
    const before = locked[0];
    if (before === undefined) throw notFound();
    const after = await this.stocks.set(tx, variantId, change);
    if (after === undefined) {
      const target = 'onHand' in change ? change.onHand : before.onHand + change.delta;
      if (target > MAX_ON_HAND) throw invalid([{ path: 'delta', message: `would make more than ${MAX_ON_HAND} units` }]);
      throw productApi.refuse('product.below_reserved', `Orders hold ${before.reserved} of these units, and no fewer can be left`);
    }
    const moved = after.onHand - before.onHand;
    await this.stocks.note(tx, {
      variantId,
      kind: 'onHand' in change ? 'count' : 'correction',
      change: moved,
      onHand: after.onHand,
      reason,
      causedBy: userOf(call).userId,
    });
    await this.changes.stockMoved(tx, locked, () => moved);
    this.changes.record(tx, call, 'stock.counted', { productId: input.id, variantId, change: moved, onHand: after.onHand });
    return after;
  }
}

type Change = { onHand: number } | { delta: number };

function changeOf({ onHand, delta, reason }: SetStock): Change {
  if (onHand !== undefined && delta === undefined) return { onHand };
  if (delta !== undefined && onHand === undefined) {
    if (reason === undefined) throw invalid([{ path: 'reason', message: 'must say why, where delta is given' }]);
    return { delta };
  }
  throw invalid([{ path: 'onHand', message: 'either this or delta must be given' }]);
}
