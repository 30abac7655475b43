import { Injectable } from '@nestjs/common';
import type { Call } from '#libs/contracts/call';
import type { NewPrice, Reprice } from '#libs/contracts/product/staff';
import type { RepricedVariant, Repricing, RowError } from '#libs/contracts/product/staff-views';
import { Database } from '#libs/persistence/database';
import { noteResult, onceFor } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { CatalogueChanges } from './catalogue-changes.ts';
import { type PricedVariant, RepriceRepository } from './reprice.repository.ts';

/** What became of a request, for its repeats. */
const APPLIED = 'applied';
const REFUSED = 'refused';

/** Many prices at once. */
@Injectable()
export class RepriceHandlers {
  constructor(
    private readonly database: Database,
    private readonly rows: RepriceRepository,
    private readonly changes: CatalogueChanges,
  ) {}

  /** A repeat of a request that was carried out changes nothing, whatever was edited since: it answers the variants as they are now. */
  reprice({ changes, preview }: Reprice, call: Call): Promise<Repricing> {
    return this.database.transaction(async (tx) => {
      if (preview) return this.judged(tx, changes);
      return onceFor(tx, call, APPLIED, {
        make: () => this.apply(tx, changes, call),
        read: (outcome) => (outcome === APPLIED ? this.present(tx, changes) : this.judged(tx, changes)),
      });
    });
  }

  private async judged(tx: Transaction, changes: readonly NewPrice[]): Promise<Repricing> {
    return judge(changes, await this.rows.lock(tx, changes));
  }

  private async present(tx: Transaction, changes: readonly NewPrice[]): Promise<Repricing> {
    const items = (await this.rows.lock(tx, changes)).map((variant) => repriced(variant, variant));
    return { applied: true, changed: 0, items, errors: [] };
  }

  private async apply(tx: Transaction, changes: readonly NewPrice[], call: Call): Promise<Repricing> {
    const judged = await this.judged(tx, changes);
    if (judged.errors.length > 0) {
      noteResult(tx, call, REFUSED);
      return judged;
    }
    const changed = judged.items.filter(isChanged);
    if (changed.length > 0) {
      await this.rows.update(tx, changed);
      const byProduct = Map.groupBy(changed, ({ productId }) => productId);
      await this.changes.edited(tx, [...byProduct.keys()]);
      for (const [productId, variants] of byProduct) {
        const moved = variants.filter(({ price, priceBefore }) => price !== priceBefore);
        const told = moved.map(({ variantId, price }) => ({ id: variantId, price }));
        if (told.length > 0) await this.changes.tellPrices(tx, productId, told);
      }
      for (const { productId, variantId, priceBefore: from, price: to, mrp } of changed)
        this.changes.record(tx, call, 'product.price_changed', { productId, variantId, from, to, mrp });
    }
    return { ...judged, applied: true };
  }
}

const isChanged = ({ price, priceBefore, mrp, mrpBefore }: RepricedVariant): boolean => price !== priceBefore || mrp !== mrpBefore;

function repriced(
  { id: variantId, price: priceBefore, mrp: mrpBefore, ...variant }: PricedVariant,
  to: { price?: number; mrp?: number },
): RepricedVariant {
  return { ...variant, variantId, priceBefore, mrpBefore, price: to.price ?? priceBefore, mrp: to.mrp ?? mrpBefore };
}

/** What the rows mean for the variants that are locked; a wrong row is named by its number. */
function judge(changes: readonly NewPrice[], locked: readonly PricedVariant[]): Repricing {
  const bySku = new Map(locked.map((variant) => [variant.sku.toLowerCase(), variant]));
  const byId = new Map(locked.map((variant) => [variant.id, variant]));
  const seen = new Map<string, number>();
  const items: RepricedVariant[] = [];
  const errors: RowError[] = [];
  for (const [index, change] of changes.entries()) {
    const variant = change.variantId === undefined ? bySku.get((change.sku ?? '').trim().toLowerCase()) : byId.get(change.variantId);
    const message = errorOf(change, variant, variant && seen.get(variant.id));
    if (message !== undefined) errors.push({ row: index + 1, message });
    else if (variant !== undefined) items.push(repriced(variant, change));
    if (variant !== undefined) seen.set(variant.id, seen.get(variant.id) ?? index + 1);
  }
  return { applied: false, changed: items.filter(isChanged).length, items, errors };
}

function errorOf(
  { variantId, sku, from, price, mrp }: NewPrice,
  variant: PricedVariant | undefined,
  earlier: number | undefined,
): string | undefined {
  if ((variantId === undefined) === (sku === undefined)) return 'needs variantId or sku, not both';
  if (price === undefined && mrp === undefined) return 'needs a price or an MRP';
  if (variant === undefined) return 'there is no such variant';
  if (earlier !== undefined) return `row ${earlier} is about the same variant`;
  if (from !== undefined && from !== variant.price) return `the price is ${variant.price} now, not ${from}`;
  if ((price ?? variant.price) > (mrp ?? variant.mrp)) return 'the price would be above the MRP';
  return undefined;
}
