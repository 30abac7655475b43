import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid, notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import type { AddVariant, EditProduct, EditVariant, NewPicture, NewProduct, NewVariant, VariantRef } from '#libs/contracts/product/admin';
import { productApi } from '#libs/contracts/product/api';
import type { ProductDetail } from '#libs/contracts/product/views';
import { Database } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { onceFor } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectSettings } from '#libs/runtime/core.module';
import type { Settings } from '#libs/runtime/settings';
import { CatalogueChanges } from './catalogue-changes.ts';
import { trimmed } from './catalogue-input.ts';
import { type ProductFields, ProductRepository, type VariantFields } from './product.repository.ts';
import { ProductFiles, type ProductPicture } from './product-files.ts';
import { Publishing } from './publishing.ts';

/** The catalogue as an admin keeps it. Withdrawn rows stay: orders and reservations name them. */
@Injectable()
export class ProductAdminHandlers {
  constructor(
    private readonly database: Database,
    private readonly products: ProductRepository,
    private readonly files: ProductFiles,
    private readonly changes: CatalogueChanges,
    private readonly publishing: Publishing,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  async create(input: NewProduct, call: Call): Promise<ProductDetail> {
    const { variants, hsn = null, countryOfOrigin = null, published, ...rest } = input;
    this.requireAllowedHosts(rest.images);
    const id = uuidv7();
    const images = await this.files.taken(id, rest.images, call);
    const fields: ProductFields = {
      ...rest,
      ...trimmed(rest, ['name', 'brand']),
      images,
      hsn,
      countryOfOrigin,
      published: published ?? true,
    };
    const made = variants.map(newVariant);
    return this.changing(async (tx) => {
      const make = async (): Promise<string> => {
        await this.requireCategory(tx, fields.categoryId);
        const slug = await this.products.insert(tx, id, fields);
        await this.products.insertVariants(tx, { id, slug }, made);
        await this.products.paint(tx, id);
        if (published === true) await this.publishing.requireComplete(tx, id);
        await this.changes.edited(tx, [id]);
        await this.files.tellUse(tx, id, userOf(call).userId, [], addressesOf(images));
        this.changes.record(tx, call, 'product.created', { productId: id });
        return id;
      };
      return onceFor(tx, call, id, { make, read: async (known) => known });
    });
  }

  async edit({ id, images: asked, ...changes }: EditProduct, call: Call): Promise<ProductDetail> {
    this.requireAllowedHosts(asked ?? []);
    const images = asked === undefined ? undefined : await this.files.taken(id, asked, call);
    const fields = { ...changes, ...trimmed(changes, ['name', 'brand']), ...(images === undefined ? {} : { images }) };
    return this.changing(async (tx) => {
      // The category before the product, as `removeCategory` locks them.
      if (fields.categoryId !== undefined) await this.requireCategory(tx, fields.categoryId);
      await this.lock(tx, id);
      const before = images === undefined ? [] : await this.products.pictureAddresses(id, tx);
      const wasPublished = await this.publishing.isPublished(tx, id);
      await this.products.update(tx, id, fields);
      const isPublished = fields.published ?? wasPublished;
      if (isPublished && !wasPublished) await this.publishing.requireComplete(tx, id);
      if (images !== undefined) await this.products.paint(tx, id);
      if (images === undefined && isPublished === wasPublished) this.changes.announceAfter(tx, [id]);
      else await this.changes.edited(tx, [id]);
      if (images !== undefined) await this.files.tellUse(tx, id, userOf(call).userId, before, addressesOf(images));
      if (isPublished && !wasPublished) await this.publishing.tell(tx, id);
      this.changes.record(tx, call, 'product.edited', { productId: id, fields: Object.keys(given(fields)) });
      return id;
    });
  }

  async remove({ id }: ById, call: Call): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (!(await this.products.withdraw(tx, id))) throw notFound();
      tx.publish(productApi.events.withdrawn, { productId: id, at: new Date().toISOString() });
      await this.files.tellUse(tx, id, userOf(call).userId, await this.products.pictureAddresses(id, tx), []);
      this.changes.announceAfter(tx, [id]);
      this.changes.record(tx, call, 'product.withdrawn', { productId: id });
    });
  }

  async addVariant({ id, ...variant }: AddVariant, call: Call): Promise<ProductDetail> {
    const made = newVariant(variant);
    return this.changing(async (tx) => {
      const slug = await this.lock(tx, id);
      const make = async (): Promise<string> => {
        await this.products.insertVariants(tx, { id, slug }, [made]);
        await this.products.paint(tx, id, [made.id]);
        await this.changes.edited(tx, [id]);
        await this.changes.tellPrice(tx, id, made);
        this.changes.record(tx, call, 'product.variant_added', { productId: id, variantId: made.id });
        return id;
      };
      return onceFor(tx, call, id, { make, read: async (known) => known });
    });
  }

  async editVariant({ id, variantId, ...changes }: EditVariant, call: Call): Promise<ProductDetail> {
    const wanted = trimmed(changes, ['sku', 'size', 'color']);
    return this.changing(async (tx) => {
      await this.lock(tx, id);
      const before = await this.products.variant(tx, id, variantId);
      if (before === undefined) throw notFound();
      const after: VariantFields = { ...before, ...given(changes), ...given(wanted) };
      requirePriceWithinMrp(after);
      await this.products.updateVariant(tx, variantId, after);
      if (after.color !== before.color) await this.products.paint(tx, id, [variantId]);
      await this.changes.edited(tx, [id]);
      if (after.price !== before.price) await this.changes.tellPrice(tx, id, { id: variantId, price: after.price });
      if (after.price !== before.price || after.mrp !== before.mrp) {
        const { price: from } = before;
        this.changes.record(tx, call, 'product.price_changed', { productId: id, variantId, from, to: after.price, mrp: after.mrp });
      } else this.changes.record(tx, call, 'product.variant_edited', { productId: id, variantId });
      return id;
    });
  }

  async removeVariant({ id, variantId }: VariantRef, call: Call): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.lock(tx, id);
      if (!(await this.products.withdrawVariant(tx, id, variantId))) throw notFound();
      await this.changes.edited(tx, [id]);
      tx.publish(productApi.events.withdrawn, { productId: id, variantId, at: new Date().toISOString() });
      await this.changes.tellPrice(tx, id);
      this.changes.record(tx, call, 'product.variant_withdrawn', { productId: id, variantId });
    });
  }

  /** Runs `work` and answers the product whose id it returns, as it left it. Throws when the SKU or the size and colour are taken. */
  private async changing(work: (tx: Transaction) => Promise<string>): Promise<ProductDetail> {
    try {
      return await this.database.transaction(async (tx) => {
        const detail = await this.products.edited(tx, await work(tx));
        if (detail === undefined) throw notFound();
        return detail;
      });
    } catch (error) {
      if (isUniqueViolation(error, 'variants_sku') || isUniqueViolation(error, 'variants_sku_without_case'))
        throw productApi.refuse('product.sku_taken', 'Another variant has this SKU, be it in other letter case');
      if (isUniqueViolation(error, 'variants_option'))
        throw productApi.refuse('product.option_taken', 'The product has a variant of this size and colour');
      throw error;
    }
  }

  private async lock(tx: Transaction, id: string): Promise<string> {
    const slug = await this.products.lock(tx, id);
    if (slug === undefined) throw notFound();
    return slug;
  }

  /** Pages may show pictures of the shop itself and of the allowed hosts only. */
  private requireAllowedHosts(images: readonly NewPicture[]): void {
    // The pattern of the contract lets a few pass that are none, such as a port of 99999.
    const unreadable = images.flatMap(({ url }, index) =>
      url === undefined || url.startsWith('/') || URL.canParse(url)
        ? []
        : [{ path: `images.${index}.url`, message: 'must be an absolute https address or a path of this shop' }],
    );
    if (unreadable.length > 0) throw invalid(unreadable);
    const allowed = this.settings.IMAGE_ORIGINS;
    if (allowed.length === 0) return;
    const errors = images.flatMap(({ url }, index) =>
      url === undefined || url.startsWith('/') || allowed.includes(new URL(url).origin)
        ? []
        : [{ path: `images.${index}.url`, message: `must be on this shop or on ${allowed.join(', ')}` }],
    );
    if (errors.length > 0) throw invalid(errors);
  }

  private async requireCategory(tx: Transaction, id: string): Promise<void> {
    if (!(await this.products.holdCategory(tx, id))) throw invalid([{ path: 'categoryId', message: 'is not a category' }]);
  }
}

const addressesOf = (pictures: readonly ProductPicture[]): string[] => pictures.map(({ url }) => url);

function newVariant(variant: NewVariant): VariantFields & { id: string } {
  const fields = { ...variant, ...trimmed(variant, ['size', 'color', 'sku']) };
  requirePriceWithinMrp(fields);
  return { ...fields, id: uuidv7() };
}

function requirePriceWithinMrp({ price, mrp }: { price: number; mrp: number }): void {
  if (price > mrp) throw productApi.refuse('product.price_above_mrp', 'The price may not be above the MRP');
}

/** Without the members that are undefined, which would otherwise replace the present values. */
const given = <T extends object>(changes: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as never;
