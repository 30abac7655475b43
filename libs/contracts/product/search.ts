import { operation } from '../contract.ts';
import { Label, ListOf, Means, Nullable, OneOf, Optional, Text, TextList, Timestamp, Uuid, Whole, Words } from '../fields.ts';
import { ById, listOf, PageQuery, pageOf } from '../page.ts';
import { PRODUCT_SORTS, ProductFilter } from './listing.ts';
import { Product, ProductPage } from './views.ts';

export const SEARCH_SORTS = ['relevance', ...PRODUCT_SORTS] as const;

export class SearchProducts extends ProductFilter {
  @Means('What is looked for, in Latin or Devanagari letters; typing errors and other spellings find the same.') @Words(1, 200) q!: string;
  @OneOf(SEARCH_SORTS) override sort: string = 'relevance';
}

export class SearchPage extends ProductPage {
  @Means('What was looked for instead, where a word is in no product; null where it was looked for as it stands.')
  @Nullable()
  @Text(1, 400)
  correctedTo!: string | null;
  @Means('Where nothing fits: products that have most of the words, else what sells best.')
  @ListOf(() => Product)
  nearest!: Product[];
}

export const SUGGESTION_KINDS = ['query', 'category', 'brand', 'product'] as const;
export type SuggestionKind = (typeof SUGGESTION_KINDS)[number];

export class SuggestQuery {
  @Means('What was typed so far.') @Words(1, 200) q!: string;
}
export class Suggestion {
  @Means('To be shown; of a `query`, also to be searched for.') @Text(1, 200) text!: string;
  @OneOf(SUGGESTION_KINDS) kind!: SuggestionKind;
  @Means('Of the product or the category.') @Optional() @Uuid() id?: string;
}
export class SuggestionList extends listOf(Suggestion) {}

export class Synonyms {
  @Uuid() id!: string;
  @Means('Words or phrases of one meaning.') @TextList(30, 1, 60) words!: string[];
  @Means('What the words find too, and not the other way round; null: each of the words finds all of them.')
  @Nullable()
  @TextList(30, 1, 60)
  finds!: string[] | null;
  @Means('Counts the changes.') @Whole(1, 1_000_000_000) version!: number;
  @Timestamp() updatedAt!: string;
}
export class SynonymsPage extends pageOf(Synonyms) {}

export class ListSynonyms extends PageQuery {
  @Means('Only those with a word that contains this.') @Optional() @Label(1, 60) q?: string;
}
export class NewSynonyms {
  @TextList(30, 1, 60) words!: string[];
  @Optional() @Nullable() @TextList(30, 1, 60) finds?: string[] | null;
}
export class EditSynonyms {
  @Uuid() id!: string;
  @Optional() @TextList(30, 1, 60) words?: string[];
  @Optional() @Nullable() @TextList(30, 1, 60) finds?: string[] | null;
  @Means('As it was read; where it has been changed since, nothing is.') @Optional() @Whole(1, 1_000_000_000) version?: number;
}

export const searchOperations = {
  search: operation({
    summary: 'Products that fit a few words',
    description: 'The filters are those of the list. By relevance unless another sort is named.',
    access: 'public',
    http: 'GET /products/search',
    in: SearchProducts,
    out: SearchPage,
    hot: true,
  }),
  suggest: operation({
    summary: 'What somebody may want to search for',
    access: 'public',
    http: 'GET /products/suggest',
    in: SuggestQuery,
    out: SuggestionList,
  }),
  synonyms: operation({
    summary: 'Words that searches take for each other',
    access: 'staff',
    http: 'GET /search/synonyms',
    in: ListSynonyms,
    out: SynonymsPage,
  }),
  addSynonyms: operation({
    summary: 'Add words of one meaning',
    access: 'staff',
    http: 'POST /search/synonyms',
    in: NewSynonyms,
    out: Synonyms,
    status: 201,
  }),
  editSynonyms: operation({
    summary: 'Change words of one meaning',
    access: 'staff',
    http: 'PATCH /search/synonyms/:id',
    in: EditSynonyms,
    out: Synonyms,
    errors: { 'product.synonyms_changed': 'conflict' },
  }),
  removeSynonyms: operation({
    summary: 'Remove words of one meaning',
    access: 'staff',
    http: 'DELETE /search/synonyms/:id',
    in: ById,
  }),
};
