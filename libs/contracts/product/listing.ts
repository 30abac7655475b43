import { operation } from '../contract.ts';
import { Decimal, Flag, Label, Means, OneOf, Optional, Paise, Text } from '../fields.ts';
import { PageQuery } from '../page.ts';
import { ProductPage } from './views.ts';

export const PRODUCT_SORTS = ['newest', 'price_asc', 'price_desc', 'popular', 'rating'] as const;

export class ProductFilter extends PageQuery {
  @Means('Id or slug, or several with commas between; includes their descendants.') @Optional() @Text(1, 2_000) category?: string;
  @Means('Or several with commas between.') @Optional() @Label(1, 2_000) brand?: string;
  @Means('Or several with commas between.') @Optional() @Label(1, 600) size?: string;
  @Means('Or several with commas between.') @Optional() @Label(1, 1_200) color?: string;
  @Means('Of a variant, inclusive.') @Optional() @Paise() minPrice?: number;
  @Means('Of a variant, inclusive.') @Optional() @Paise() maxPrice?: number;
  @Means('True: a variant that fits can be had.') @Optional() @Flag() inStock?: boolean;
  @Means('Average of at least so many stars, of five.') @Optional() @Decimal(0, 5) minRating?: number;
  @OneOf(PRODUCT_SORTS) sort: string = 'newest';
}

export const listingOperations = {
  list: operation({
    summary: 'The catalogue, filtered and paged',
    access: 'public',
    http: 'GET /products',
    in: ProductFilter,
    out: ProductPage,
    hot: true,
  }),
};
