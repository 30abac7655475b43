import { operation } from '../contract.ts';
import { exportOperation } from '../export.ts';
import { Means, OneOf, Whole } from '../fields.ts';
import { listOf } from '../page.ts';
import { ProductRef } from './catalogue.ts';
import { Product } from './views.ts';

export const TREND_WINDOWS = ['24h', '7d'] as const;
export type TrendWindow = (typeof TREND_WINDOWS)[number];

export class TrendingAsked {
  @Means('How many at most.') @Whole(1, 100) limit: number = 20;
  @Means('What happened before that counts for nothing, and within it less the longer ago it is.')
  @OneOf(TREND_WINDOWS)
  window: TrendWindow = '24h';
}

export class ProductList extends listOf(Product) {}

/** What people look at, and what goes with what. */
export const trendingOperations = {
  trending: operation({
    summary: 'What people look at, wish for and buy just now',
    description: 'Each person counts once for a product, however often they look at it.',
    access: 'public',
    http: 'GET /products/trending',
    in: TrendingAsked,
    out: ProductList,
  }),
  view: operation({
    summary: "Somebody looks at a product's page",
    access: 'optional',
    http: 'POST /products/:id/view',
    in: ProductRef,
  }),
  related: operation({
    summary: 'Up to eight products that are bought together with this one, or are of its category and near its price',
    access: 'public',
    in: ProductRef,
    out: ProductList,
  }),
  exportOf: exportOperation('Products that a user took an interest in lately, for that archive'),
};
