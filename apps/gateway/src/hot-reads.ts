import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { gatewayApi } from '#libs/contracts/gateway/api';
import { productApi } from '#libs/contracts/product/api';
import { reviewApi } from '#libs/contracts/review/api';
import { Signals } from '#libs/messaging/signals';
import { CompressedOnce } from './compression.ts';

export interface HotAnswer {
  readonly content: CompressedOnce;
  /** Without quotes. */
  readonly version: string;
}

const WITH_REVIEWS = [`${reviewApi.operations.ofProduct.key} `, `${gatewayApi.operations.productPage.key} `];
const KEPT_MS = 1_000;
const MAX_BYTES = 64 * 1_024 * 1_024;

/**
 * Public reads that are the same for everyone: identical ones share one upstream call, and its answer is kept for at most a second. With
 * the client's own second (`max-age`) an edit shows within two, even when the signal that drops it is lost.
 */
@Injectable()
export class HotReads {
  private readonly answers = new LRUCache<string, HotAnswer>({
    max: 5_000,
    maxSize: MAX_BYTES,
    sizeCalculation: (answer) => 2 * answer.content.body.length + 200,
    ttl: KEPT_MS,
    ttlResolution: 50,
  });
  private readonly running = new Map<string, Promise<HotAnswer>>();
  private generation = 0;

  constructor(signals: Signals) {
    signals.on(productApi.signals.changed, () => this.drop());
    signals.on(reviewApi.signals.changed, ({ productIds }) => this.dropReviews(productIds));
  }

  /** The answer that is kept, if one is. */
  kept(key: string): HotAnswer | undefined {
    return this.answers.get(key);
  }

  /** The kept answer, or the one that `fetch` brings for all who ask meanwhile. */
  get(key: string, fetch: () => Promise<Buffer>): HotAnswer | Promise<HotAnswer> {
    return this.answers.get(key) ?? this.running.get(key) ?? this.fetch(key, fetch);
  }

  private fetch(key: string, fetch: () => Promise<Buffer>): Promise<HotAnswer> {
    const { generation } = this;
    const answer = fetch().then((body) => {
      const hot: HotAnswer = { content: new CompressedOnce(body), version: hash('sha1', body, 'base64url') };
      // An answer that was on its way while the catalogue changed may be the old one.
      if (generation === this.generation) this.answers.set(key, hot);
      return hot;
    });
    this.running.set(key, answer);
    const forget = (): void => {
      if (this.running.get(key) === answer) this.running.delete(key);
    };
    answer.then(forget, forget);
    return answer;
  }

  /** Pages that name these products; one under another name goes with its second. */
  private dropReviews(productIds: readonly string[]): void {
    this.generation += 1;
    for (const kept of [this.answers, this.running])
      for (const key of [...kept.keys()])
        if (WITH_REVIEWS.some((name) => key.startsWith(name)) && productIds.some((id) => key.includes(id))) kept.delete(key);
  }

  private drop(): void {
    this.generation += 1;
    this.answers.clear();
    this.running.clear();
  }
}
