import { operation } from '../contract.ts';
import { Means, Text } from '../fields.ts';
import { Nothing } from '../page.ts';
import { CardList, CardsAsked, QuoteList, Variants } from './messages.ts';
import { CategoryTree, ProductDetail } from './views.ts';

export class ProductRef {
  @Means('Id or slug.') @Text(1, 200) id!: string;
}

export const catalogueOperations = {
  detail: operation({
    summary: 'One product with its variants',
    description: 'Found by its id or its slug. How many there are is not told; `availability` says whether a variant can be had.',
    access: 'public',
    http: 'GET /products/:id',
    in: ProductRef,
    out: ProductDetail,
    hot: true,
  }),
  categories: operation({
    summary: 'The category tree',
    access: 'public',
    http: 'GET /categories',
    in: Nothing,
    out: CategoryTree,
    hot: true,
  }),
  quote: operation({
    summary: 'Prices and availability of variants',
    access: 'internal',
    in: Variants,
    out: QuoteList,
    lane: 'checkout',
  }),
  cards: operation({
    summary: 'Products and variants as other services show them',
    access: 'internal',
    in: CardsAsked,
    out: CardList,
  }),
};
