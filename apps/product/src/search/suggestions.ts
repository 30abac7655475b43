import { Injectable } from '@nestjs/common';
import type { Suggestion } from '#libs/contracts/product/search';
import { QueryReader } from './query-reader.ts';
import { SearchDocumentsRepository } from './search-documents.repository.ts';
import { type KnownWord } from './spelling.ts';
import { SuggestionRepository } from './suggestion.repository.ts';
import { allOf, different, rankedBy, type Unit, unitsOf } from './understanding.ts';

const COMPLETIONS = 6;
const AT_MOST = { query: 4, category: 3, brand: 2, product: 4 };

/** Past queries, words of the catalogue, categories, brands and products for a query that is being typed. */
@Injectable()
export class Suggestions {
  constructor(
    private readonly reader: QueryReader,
    private readonly rows: SuggestionRepository,
    private readonly documents: SearchDocumentsRepository,
  ) {}

  async of(begun: string, count: number): Promise<Suggestion[]> {
    const { words, knowledge, units, correctedTo } = await this.reader.read(begun);
    const last = words.at(-1);
    if (last === undefined) return [];
    const earlier = words.slice(0, -1);
    const text = words.map(({ word }) => word).join(' ');
    const [completions, past, categories, brands] = await Promise.all([
      this.rows.words(last.word, COMPLETIONS),
      this.rows.queries(text, AT_MOST.query, [...knowledge.synonyms.keys(), ...knowledge.categories.keys()]),
      this.rows.categories(text, AT_MOST.category),
      this.rows.brands(text, AT_MOST.brand),
    ]);
    // Of a whole word that is known: it too; of one that is not: what it begins, or else what was meant.
    const whole = units.filter(({ to }) => to === words.length);
    const begin = completions.length > 0 ? [beginning(completions, words.length - 1, whole)] : whole;
    const asked = [...unitsOf(earlier, knowledge), ...begin].filter(({ alternatives }) => alternatives.length > 0);
    const products =
      asked.length === 0 ? [] : await this.documents.names(allOf(asked, knowledge, 'facts'), rankedBy(asked, knowledge), AT_MOST.product);
    // Of two forms of a word the frequent one.
    const forms = [...new Map(completions.toReversed().map((known) => [known.lexeme, known])).values()].toReversed();
    const completed = forms.filter(({ word }) => word !== last.word).map(({ word }) => [...earlier.map((one) => one.word), word].join(' '));
    const queries = completions.length === 0 && correctedTo !== null ? [correctedTo] : [...new Set([...past, ...completed])];
    return [
      ...queries.slice(0, AT_MOST.query).map((query): Suggestion => ({ text: query, kind: 'query' })),
      ...categories.map(({ id, name }): Suggestion => ({ text: name, kind: 'category', id })),
      ...brands.map((brand): Suggestion => ({ text: brand, kind: 'brand' })),
      ...products.map(({ id, name }): Suggestion => ({ text: name, kind: 'product', id })),
    ].slice(0, count);
  }
}

const beginning = (completions: readonly KnownWord[], from: number, whole: readonly Unit[]): Unit => ({
  from,
  to: from + 1,
  alternatives: different([
    ...whole.flatMap(({ alternatives }) => alternatives),
    ...completions.map(({ lexeme }) => ({ lexemes: [lexeme], isWeaker: false })),
  ]),
});
