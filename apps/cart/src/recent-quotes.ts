import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { MAX_LINE_QUANTITY } from '#libs/contracts/cart/views';
import { productApi } from '#libs/contracts/product/api';
import type { Quote } from '#libs/contracts/product/messages';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { Signals } from '#libs/messaging/signals';
import { currentRequest, type RequestContext, runInRequest, runOutsideRequests } from '#libs/observability/context';

/** Variants that product quotes at once. */
const MAX_QUOTED = 50;
const KEPT_MS = 1_000;
const MAX_KEPT = 10_000;

interface Question {
  readonly variantIds: Set<string>;
  readonly quotes: Promise<ReadonlyMap<string, Quote>>;
  /** The request among those that ask whose deadline is the last. */
  context: RequestContext | undefined;
}

/**
 * What product says of variants, at most a second old: an order prices anew, and `expectedTotal` guards the customer. All that is asked in
 * one turn of the event loop is asked together. A variant with fewer units than a line takes is asked about every time, for there a second
 * decides whether it can be had; so is one that product does not know.
 */
@Injectable()
export class RecentQuotes {
  private readonly kept = new LRUCache<string, Quote>({ max: MAX_KEPT, ttl: KEPT_MS, ttlResolution: 20 });
  private next: Question | undefined;
  private generation = 0;

  constructor(
    @InjectPeer(productApi) private readonly product: Peer<typeof productApi>,
    signals: Signals,
  ) {
    signals.on(productApi.signals.changed, ({ productIds }) => this.drop(productIds));
  }

  /** Quotes by variant; one that does not exist is missing. */
  async of(variantIds: Iterable<string>): Promise<ReadonlyMap<string, Quote>> {
    const found = new Map<string, Quote>();
    const open: string[] = [];
    for (const id of variantIds) {
      const quote = this.kept.get(id);
      if (quote === undefined) open.push(id);
      else found.set(id, quote);
    }
    if (open.length === 0) return found;
    const quotes = await this.ask(open);
    for (const id of open) {
      const quote = quotes.get(id);
      if (quote !== undefined) found.set(id, quote);
    }
    return found;
  }

  /** Forgets what is kept of these products, or of all where none is named: their categories have changed. */
  drop(productIds: readonly string[] = []): void {
    this.generation += 1;
    if (productIds.length === 0) this.kept.clear();
    const changed = new Set(productIds);
    for (const [id, { productId }] of this.kept.entries()) if (changed.has(productId)) this.kept.delete(id);
  }

  private ask(variantIds: readonly string[]): Promise<ReadonlyMap<string, Quote>> {
    const context = currentRequest();
    this.next ??= this.question(context);
    for (const id of variantIds) this.next.variantIds.add(id);
    if (deadlineOf(context) > deadlineOf(this.next.context)) this.next.context = context;
    return this.next.quotes;
  }

  private question(context: RequestContext | undefined): Question {
    const variantIds = new Set<string>();
    const quotes = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      const asker = this.next?.context;
      this.next = undefined;
      const work = (): Promise<ReadonlyMap<string, Quote>> => this.answers([...variantIds]);
      return asker === undefined ? runOutsideRequests(work) : runInRequest(asker, work);
    });
    return { variantIds, quotes, context };
  }

  private async answers(variantIds: readonly string[]): Promise<ReadonlyMap<string, Quote>> {
    const { generation } = this;
    const start = performance.now();
    const parts: Promise<readonly Quote[]>[] = [];
    for (let from = 0; from < variantIds.length; from += MAX_QUOTED)
      parts.push(this.product.quote({ variantIds: variantIds.slice(from, from + MAX_QUOTED) }).then(({ items }) => items));
    const quotes = (await Promise.all(parts)).flat();
    // What was on its way while a product changed may be from before.
    if (generation === this.generation)
      for (const quote of quotes) if (quote.available >= MAX_LINE_QUANTITY) this.kept.set(quote.variantId, quote, { start });
    return new Map(quotes.map((quote) => [quote.variantId, quote]));
  }
}

/** Work without a deadline waits for as long as a call may take. */
const deadlineOf = (context: RequestContext | undefined): number => context?.deadline ?? Number.POSITIVE_INFINITY;
