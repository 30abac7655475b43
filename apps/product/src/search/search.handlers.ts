import { Injectable } from '@nestjs/common';
import type { SearchProducts, SuggestionList, SuggestQuery } from '#libs/contracts/product/search';
import { ReadyJson } from '#libs/contracts/ready-json';
import { checkFilter } from '../asked-values.ts';
import { CatalogueCache } from '../catalogue-cache.ts';
import { Facets } from '../facets/facets.ts';
import { PastQueries } from './past-queries.ts';
import { SearchIndex } from './search-index.ts';
import { SearchPageRepository } from './search-page.repository.ts';

const EXACT_UP_TO = 10_000;
const NEAREST = 8;
const SUGGESTIONS = 10;

/** Finding by words. */
@Injectable()
export class SearchHandlers {
  constructor(
    private readonly index: SearchIndex,
    private readonly pages: SearchPageRepository,
    private readonly facets: Facets,
    private readonly cache: CatalogueCache,
    private readonly past: PastQueries,
  ) {}

  async search(asked: SearchProducts): Promise<ReadyJson> {
    checkFilter(asked);
    const key = JSON.stringify([
      'search',
      Object.entries(asked)
        .filter(([, value]) => value !== undefined)
        .sort(),
    ]);
    const text = await this.cache.read(key, (generation) => this.text(asked, generation), 'when asked again');
    return new ReadyJson(text ?? '');
  }

  async suggest({ q }: SuggestQuery): Promise<SuggestionList> {
    return { items: [...(await this.index.suggest(plain(q), SUGGESTIONS))] };
  }

  private async text(asked: SearchProducts, generation: string | undefined): Promise<string> {
    const query = plain(asked.q);
    const { products, correctedTo, asWords } = await this.index.find(query);
    const [{ cards, nextCursor }, { facets, total }] = await Promise.all([
      this.pages.page(asked, products, generation),
      this.facets.countAmong(asked, generation, products.ids()),
    ]);
    if (products.count > 0 && correctedTo === null) this.past.add(asWords);
    const nearest = total > 0 ? [] : await this.pages.cards(await this.index.nearest(query, NEAREST));
    return `{"items":[${cards.join(',')}],"nextCursor":${JSON.stringify(nextCursor)},"total":${Math.min(total, EXACT_UP_TO)},"totalIsExact":${
      total <= EXACT_UP_TO
    },"facets":${facets},"correctedTo":${JSON.stringify(correctedTo)},"nearest":[${nearest.map(({ card }) => card).join(',')}]}`;
  }
}

/** Postgres has no text with NUL or with half of a surrogate pair. */
const plain = (query: string): string => query.replaceAll('\0', ' ').toWellFormed();
