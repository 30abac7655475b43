import { Injectable } from '@nestjs/common';
import type { AnyOperation } from '#libs/contracts/contract';
import { Refusal } from '#libs/contracts/errors';
import type { ComposedPage } from '#libs/contracts/gateway/views';
import { productApi } from '#libs/contracts/product/api';
import type { ProductRef } from '#libs/contracts/product/catalogue';
import type { ProductDetail, ProductPage } from '#libs/contracts/product/views';
import { reviewApi } from '#libs/contracts/review/api';
import type { ProductReviews } from '#libs/contracts/review/views';
import { within } from '#libs/contracts/time-limit';
import type { LocalCall } from './local-call.ts';
import { Upstreams } from './upstreams.ts';

const REVIEWS = 5;
const RELATED = 8;
const NO_BODY = new Uint8Array();
/** Milliseconds that the page waits for what it can do without. */
const PATIENCE_MS = 800;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a client asked for, for another operation. */
type Question = Pick<LocalCall['forwarded'], 'path' | 'query'>;

/** A product's page, put together from the services that know its parts. */
@Injectable()
export class ProductPageHandlers {
  constructor(private readonly upstreams: Upstreams) {}

  /** Throws `not_found` where the catalogue does not know the product. */
  async productPage({ id }: ProductRef, call: LocalCall): Promise<ComposedPage> {
    const product = await this.part<ProductDetail>(productApi.operations.detail, call, { path: { id }, query: {} });
    const productId = product?.id ?? (ID.test(id) ? id.toLowerCase() : undefined);
    const [reviews, related] = await Promise.all([
      productId === undefined ? null : this.reviews(productId, call),
      product === null ? null : this.related(product, call),
    ]);
    return { product, reviews, related };
  }

  private async reviews(productId: string, call: LocalCall): Promise<ComposedPage['reviews']> {
    const query = { limit: String(REVIEWS) };
    const page = await this.patiently(this.part<ProductReviews>(reviewApi.operations.ofProduct, call, { path: { productId }, query }));
    return page === null ? null : { items: page.items, summary: page.summary };
  }

  private async related({ id, categoryId }: ProductDetail, call: LocalCall): Promise<ComposedPage['related']> {
    // One more, for the product itself is among them.
    const query = { category: categoryId, limit: String(RELATED + 1) };
    const page = await this.patiently(this.part<ProductPage>(productApi.operations.list, call, { path: {}, query }));
    return page === null ? null : { items: page.items.filter((one) => one.id !== id).slice(0, RELATED) };
  }

  private patiently<T>(part: Promise<T | null>): Promise<T | null> {
    return within<T | null>(PATIENCE_MS, part, () => null);
  }

  /** Null while its service is away. */
  private async part<T>(operation: AnyOperation, { forwarded }: LocalCall, question: Question): Promise<T | null> {
    try {
      const bytes = await this.upstreams.forward(operation, NO_BODY, { ...forwarded, ...question });
      // What the service wrote by the operation's contract.
      return JSON.parse(bytes.toString()) as T;
    } catch (error) {
      if (error instanceof Refusal && (error.retryable || error.code === 'internal')) return null;
      throw error;
    }
  }
}
