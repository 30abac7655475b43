import { Injectable } from '@nestjs/common';
import { invalid, notFound } from '#libs/contracts/errors';
import type { Nothing } from '#libs/contracts/page';
import type { ProductFilter, ProductRef } from '#libs/contracts/product/api';
import type { QuoteList, Variants } from '#libs/contracts/product/messages';
import type { CategoryTree, ProductDetail, ProductPage } from '#libs/contracts/product/views';
import { CatalogueCache } from './catalogue-cache.ts';
import { CategoryRepository } from './category.repository.ts';
import { ListingRepository } from './listing.repository.ts';
import { ProductRepository } from './product.repository.ts';
import { categoryTree } from './product.ts';

/** What everyone may read of the catalogue, and its prices for peers. */
@Injectable()
export class ProductHandlers {
  constructor(
    private readonly products: ProductRepository,
    private readonly listing: ListingRepository,
    private readonly categoryRows: CategoryRepository,
    private readonly cache: CatalogueCache,
  ) {}

  async list(filter: ProductFilter): Promise<ProductPage> {
    const { minPrice, maxPrice } = filter;
    if (minPrice !== undefined && maxPrice !== undefined && minPrice > maxPrice)
      throw invalid([{ path: 'minPrice', message: 'must not be above maxPrice' }]);
    const key = JSON.stringify([
      'list',
      Object.entries(filter)
        .filter(([, value]) => value !== undefined)
        .sort(),
    ]);
    // A page is never undefined.
    return (await this.cache.read(key, () => this.listing.page(filter))) as ProductPage;
  }

  async detail({ id }: ProductRef): Promise<ProductDetail> {
    const found = await this.cache.read(JSON.stringify(['detail', id]), () => this.products.detail(id));
    if (found === undefined) throw notFound();
    return found;
  }

  async categories(_: Nothing): Promise<CategoryTree> {
    const read = async (): Promise<CategoryTree> => ({ items: categoryTree(await this.categoryRows.all()) });
    return (await this.cache.read('["categories"]', read)) as CategoryTree;
  }

  /** Never cached here: an order takes its prices, and a cart keeps them for a second at most. */
  async quote({ variantIds }: Variants): Promise<QuoteList> {
    return { items: variantIds.length === 0 ? [] : await this.products.quote(variantIds) };
  }
}
