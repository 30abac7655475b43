import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { AnyOperation } from '#libs/contracts/contract';
import { Refusal } from '#libs/contracts/errors';
import { productApi } from '#libs/contracts/product/api';
import type { ProductRef } from '#libs/contracts/product/catalogue';
import type { ProductDetail } from '#libs/contracts/product/views';
import { ReadyJson } from '#libs/contracts/ready-json';
import { reviewApi } from '#libs/contracts/review/api';
import type { ProductReviews } from '#libs/contracts/review/views';
import { within } from '#libs/contracts/time-limit';
import { HotReads } from './hot-reads.ts';
import type { LocalCall } from './local-call.ts';
import { Upstreams } from './upstreams.ts';

const REVIEWS = 5;
const NO_BODY = new Uint8Array();
/** Milliseconds that the page waits for what it can do without. */
const PATIENCE_MS = 800;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Slugs whose product is known, so that its reviews need not wait for it. */
const MAX_SLUGS = 10_000;

/** What a client asked for, for another operation. */
type Question = Required<Pick<LocalCall['forwarded'], 'path' | 'query'>>;

/** A product's page, put together from the services that know its parts, which are asked all at once. Parts are kept as their own reads are. */
@Injectable()
export class ProductPageHandlers {
  private readonly idOfSlug = new LRUCache<string, string>({ max: MAX_SLUGS });

  constructor(
    private readonly upstreams: Upstreams,
    private readonly hotReads: HotReads,
  ) {}

  /** Throws `not_found` where the catalogue does not know the product. */
  async productPage({ id: ref }: ProductRef, call: LocalCall): Promise<ReadyJson> {
    const expectedId = ID.test(ref) ? ref.toLowerCase() : this.idOfSlug.get(ref);
    const about = { path: { id: ref }, query: {} };
    const [product, related, expectedReviews] = await Promise.all([
      this.part(productApi.operations.detail, call, about),
      this.patiently(this.part(productApi.operations.related, call, about)),
      expectedId === undefined ? undefined : this.reviews(expectedId, call),
    ]);
    const id = product === null ? expectedId : idOf(product);
    if (product !== null && id !== undefined) this.idOfSlug.set(ref, id);
    // A slug that is asked for the first time, or that another product has now.
    const reviews = id === undefined || id === expectedId ? expectedReviews : await this.reviews(id, call);
    return new ReadyJson(`{"product":${product},"reviews":${reviews ?? null},"related":${product === null ? null : related}}`);
  }

  private async reviews(productId: string, call: LocalCall): Promise<string | null> {
    const query = { limit: String(REVIEWS) };
    const text = await this.patiently(this.part(reviewApi.operations.ofProduct, call, { path: { productId }, query }));
    if (text === null) return null;
    const { items, summary }: ProductReviews = JSON.parse(text);
    return JSON.stringify({ items, summary });
  }

  /** Null where it takes too long, or where the product is gone meanwhile: the product itself decides whether there is a page. */
  private patiently(part: Promise<string | null>): Promise<string | null> {
    return within<string | null>(PATIENCE_MS, part, () => null).catch((error: unknown) => {
      if (error instanceof Refusal && error.code === 'not_found') return null;
      throw error;
    });
  }

  /** Its JSON; null while its service is away. */
  private async part(operation: AnyOperation, { forwarded }: LocalCall, { path, query }: Question): Promise<string | null> {
    try {
      const key = `${operation.key} ${JSON.stringify([path, query])}`;
      const { content } = await this.hotReads.get(key, () => this.upstreams.forward(operation, NO_BODY, { ...forwarded, path, query }));
      return content.body.toString();
    } catch (error) {
      if (error instanceof Refusal && (error.retryable || error.code === 'internal')) return null;
      throw error;
    }
  }
}

/** What the service wrote by the operation's contract. */
const idOf = (product: string): string => (JSON.parse(product) as ProductDetail).id;
