import { Injectable } from '@nestjs/common';
import type { Suggestion } from '#libs/contracts/product/search';
import { FoundProducts } from './found-products.ts';
import { type QueryMeaning, QueryReader } from './query-reader.ts';
import { SearchDocumentsRepository } from './search-documents.repository.ts';
import { type Found, SearchIndex } from './search-index.ts';
import { Suggestions } from './suggestions.ts';
import { allOf, rankedBy, type Unit } from './understanding.ts';

/** Full text of PostgreSQL, over documents that triggers keep. */
@Injectable()
export class PostgresSearchIndex extends SearchIndex {
  constructor(
    private readonly reader: QueryReader,
    private readonly documents: SearchDocumentsRepository,
    private readonly suggestions: Suggestions,
  ) {
    super();
  }

  override async find(query: string): Promise<Found> {
    const meaning = await this.reader.read(query);
    const asWords = meaning.words.map(({ word }) => word);
    const products = await this.lookFor(meaning);
    if (products.count > 0) return { products, correctedTo: meaning.correctedTo, asWords };
    // Each word is in some product, but no product has them all: a slip may have made one word of another.
    const other = await this.reader.respelled(meaning);
    if (other === undefined) return { products, correctedTo: null, asWords };
    const found = await this.lookFor(other);
    return { products: found, correctedTo: found.count > 0 ? other.correctedTo : null, asWords };
  }

  override async nearest(query: string, count: number): Promise<readonly string[]> {
    const { units, knowledge, words } = await this.reader.read(query);
    const known = units.filter(({ alternatives }) => alternatives.length > 0);
    for (const some of [...(known.length < units.length ? [known] : []), ...withoutOne(known), ...known.map((unit) => [unit])]) {
      if (some.length === 0) continue;
      const ids = await this.documents.best(allOf(some, knowledge, 'facts'), rankedBy(some, knowledge), count);
      if (ids.length > 0) return ids;
    }
    return words.length === 0 && query.trim() === '' ? [] : this.documents.popular(count);
  }

  override suggest(begun: string, count: number): Promise<readonly Suggestion[]> {
    return this.suggestions.of(begun, count);
  }

  /** Descriptions count only where nothing else fits: they speak of what a piece goes well with. */
  private async lookFor({ units, knowledge }: QueryMeaning): Promise<FoundProducts> {
    if (units.length === 0 || units.some(({ alternatives }) => alternatives.length === 0)) return FoundProducts.none;
    const ranking = rankedBy(units, knowledge);
    const found = await this.documents.find(allOf(units, knowledge, 'facts'), ranking);
    return found.count > 0 ? found : this.documents.find(allOf(units, knowledge, 'everything'), ranking);
  }
}

const withoutOne = (units: readonly Unit[]): Unit[][] =>
  units.length < 2 ? [] : units.map((left) => units.filter((unit) => unit !== left));
