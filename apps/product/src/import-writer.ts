import { Injectable } from '@nestjs/common';
import { productApi } from '#libs/contracts/product/api';
import type { Transaction } from '#libs/persistence/transaction';
import { CatalogueChanges } from './catalogue-changes.ts';
import { type ImportPlan, type PlannedProduct, type PlannedVariant, sameFields } from './import-plan.ts';
import { ProductRepository, type VariantFields } from './product.repository.ts';
import { ProductFiles } from './product-files.ts';
import { Publishing } from './publishing.ts';
import { StockRepository } from './stock.repository.ts';

/** Writes what a plan has made of the catalogue, as edits by hand would. */
@Injectable()
export class ImportWriter {
  constructor(
    private readonly products: ProductRepository,
    private readonly stocks: StockRepository,
    private readonly changes: CatalogueChanges,
    private readonly publishing: Publishing,
    private readonly files: ProductFiles,
  ) {}

  /** `userId`: the admin who sent the file. */
  async write(tx: Transaction, plan: ImportPlan, userId: string): Promise<void> {
    const touched: PlannedProduct[] = [];
    for (const product of plan.products.values()) if (await this.writeProduct(tx, product, userId)) touched.push(product);
    await this.changes.edited(
      tx,
      touched.map(({ id }) => id),
    );
    for (const product of touched) await this.tell(tx, product);
  }

  /** False where nothing has changed. */
  private async writeProduct(tx: Transaction, product: PlannedProduct, userId: string): Promise<boolean> {
    const { id, before, after } = product;
    const made = [...product.variants.values()].filter((variant) => variant.before === undefined);
    const edited = [...product.variants.values()].filter(isEdited);
    const slug = before === undefined ? await this.products.insert(tx, id, after, product.slug) : before.slug;
    const isSame = before !== undefined && sameFields(before, after);
    if (before !== undefined && !isSame) await this.products.update(tx, id, after);
    await this.products.insertVariants(tx, { id, slug }, made.map(fieldsOf));
    for (const variant of edited) await this.products.updateVariant(tx, variant.id, fieldsOf(variant));
    if (before !== undefined && isSame && made.length === 0 && edited.length === 0) return false;
    await this.products.paint(tx, id);
    for (const variant of made) if (variant.stock > 0) await this.stockUp(tx, variant, userId);
    const shownBefore = (before?.images ?? []).map(({ url }) => url);
    const shown = after.images.map(({ url }) => url);
    if (shown.join('|') !== shownBefore.join('|')) await this.files.tellUse(tx, id, userId, shownBefore, shown);
    return true;
  }

  private async stockUp(tx: Transaction, { id: variantId, stock }: PlannedVariant, userId: string): Promise<void> {
    await this.stocks.set(tx, variantId, { onHand: stock });
    const movement = { variantId, kind: 'count', change: stock, onHand: stock, reason: 'import', causedBy: userId } as const;
    await this.stocks.note(tx, movement);
  }

  private async tell(tx: Transaction, { id, before, after, variants }: PlannedProduct): Promise<void> {
    if (!after.published || before === undefined) return;
    if (!before.published) {
      await this.publishing.tell(tx, id);
      return;
    }
    const all = [...variants.values()];
    const priced = all.filter((variant) => variant.before?.price !== variant.price).map(({ id, price }) => ({ id, price }));
    if (priced.length > 0) await this.changes.tellPrices(tx, id, priced);
    for (const { id: variantId, stock, price, before: known } of all)
      if (known === undefined && stock > 0)
        tx.publish(productApi.events.stockRose, { productId: id, variantId, by: stock, available: stock, price });
  }
}

const isEdited = ({ before, ...after }: PlannedVariant): boolean =>
  before !== undefined &&
  (before.sku !== after.sku ||
    before.size !== after.size ||
    before.color !== after.color ||
    before.price !== after.price ||
    before.mrp !== after.mrp);

const fieldsOf = ({ id, sku, size, color, price, mrp }: PlannedVariant): VariantFields & { id: string } => ({
  ...{ id, size, color, price, mrp },
  ...(sku === undefined ? {} : { sku }),
});
