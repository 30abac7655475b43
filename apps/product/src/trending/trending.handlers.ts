import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Call } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import type { ProductRef } from '#libs/contracts/product/catalogue';
import type { TrendingAsked } from '#libs/contracts/product/trending';
import { ReadyJson } from '#libs/contracts/ready-json';
import { CatalogueCache } from '../catalogue-cache.ts';
import { ProductRepository } from '../product.repository.ts';
import { isUuid } from '../product.ts';
import { Interests } from './interests.ts';
import { RelatedRepository } from './related.repository.ts';
import { TrendRepository } from './trend.repository.ts';

const KEPT_MS = 1_000;
/** Products that somebody has looked at, for so long after it was seen that they exist. */
const KNOWN = { max: 10_000, ttl: 15_000, ttlResolution: 500 };

@Injectable()
export class TrendingHandlers {
  private readonly lists = new LRUCache<string, Promise<string>>({ max: 200, ttl: KEPT_MS, ttlResolution: 50 });
  private readonly ids = new LRUCache<string, string>(KNOWN);

  constructor(
    private readonly trends: TrendRepository,
    private readonly interests: Interests,
    private readonly products: ProductRepository,
    private readonly relations: RelatedRepository,
    private readonly cache: CatalogueCache,
  ) {}

  async trending({ window, limit }: TrendingAsked): Promise<ReadyJson> {
    const key = `${window} ${limit}`;
    let list = this.lists.get(key);
    if (list === undefined) {
      list = this.trends.cards(window, limit).then(listText);
      list.catch(() => this.lists.delete(key));
      this.lists.set(key, list);
    }
    return new ReadyJson(await list);
  }

  async view({ id: ref }: ProductRef, call: Call): Promise<void> {
    const known = isUuid(ref) ? ref.toLowerCase() : ref;
    const id = this.ids.get(known) ?? (await this.products.idOf(known));
    if (id === undefined) throw notFound();
    this.ids.set(known, id);
    this.interests.note({ productId: id, person: this.interests.personOf(call), kind: 'view' });
  }

  /** What this service has of somebody: a row for each product and kind of interest, for as long as trending looks back. */
  async exportOf({ userId }: ExportAsked): Promise<ExportPart> {
    const interests = await this.interests.of(userId);
    return {
      content: JSON.stringify(interests.map(({ productId, kind, hour }) => ({ productId, kind, at: hour.toISOString() }))),
      next: null,
    };
  }

  async related({ id: ref }: ProductRef): Promise<ReadyJson> {
    const text = await this.cache.read(
      JSON.stringify(['related', ref]),
      async () => {
        const cards = await this.relations.cards(ref);
        return cards && listText(cards);
      },
      'when asked again',
    );
    if (text === undefined) throw notFound();
    return new ReadyJson(text);
  }
}

const listText = (cards: readonly string[]): string => `{"items":[${cards.join(',')}]}`;
