import { Injectable } from '@nestjs/common';
import { notFound } from '#libs/contracts/errors';
import type { Nothing } from '#libs/contracts/page';
import type { ProductRef } from '#libs/contracts/product/catalogue';
import type { ProductFilter } from '#libs/contracts/product/listing';
import type { CardList, CardsAsked, QuoteList, Variants } from '#libs/contracts/product/messages';
import { CategoryTree, ProductDetail } from '#libs/contracts/product/views';
import { ReadyJson } from '#libs/contracts/ready-json';
import { writeOutput } from '#libs/contracts/shape';
import { checkFilter } from './asked-values.ts';
import { CardRepository } from './card.repository.ts';
import { CatalogueCache } from './catalogue-cache.ts';
import { CategoryRepository } from './category.repository.ts';
import { Facets } from './facets/facets.ts';
import { ListingRepository } from './listing.repository.ts';
import { ProductRepository } from './product.repository.ts';
import { categoryTree } from './product.ts';

/** What everyone may read of the catalogue, and its prices for peers. */
@Injectable()
export class ProductHandlers {
  constructor(
    private readonly products: ProductRepository,
    private readonly listing: ListingRepository,
    private readonly facets: Facets,
    private readonly categoryRows: CategoryRepository,
    private readonly cache: CatalogueCache,
    private readonly cardRows: CardRepository,
  ) {}

  async list(filter: ProductFilter): Promise<ReadyJson> {
    checkFilter(filter);
    const key = JSON.stringify([
      'list',
      Object.entries(filter)
        .filter(([, value]) => value !== undefined)
        .sort(),
    ]);
    return known(await this.cache.read(key, (generation) => this.listText(filter, generation), 'when asked again'));
  }

  async detail({ id }: ProductRef): Promise<ReadyJson> {
    return known(await this.cache.read(JSON.stringify(['detail', id]), () => this.detailText(id)));
  }

  async categories(_: Nothing): Promise<ReadyJson> {
    const read = async (): Promise<string> => writeOutput(CategoryTree, { items: categoryTree(await this.categoryRows.all()) });
    return known(await this.cache.read('["categories"]', read));
  }

  /** Never cached here: an order takes its prices, and a cart keeps them for a second at most. */
  async quote({ variantIds }: Variants): Promise<QuoteList> {
    return { items: variantIds.length === 0 ? [] : await this.products.quote(variantIds) };
  }

  async cards({ refs }: CardsAsked): Promise<CardList> {
    return { items: refs.length === 0 ? [] : await this.cardRows.cards(refs) };
  }

  private async listText(filter: ProductFilter, generation: string | undefined): Promise<string> {
    const [page, { facets }] = await Promise.all([this.listing.page(filter, generation), this.facets.of(filter, generation)]);
    return `${page.slice(0, -1)},"facets":${facets}}`;
  }

  private async detailText(id: string): Promise<string | undefined> {
    const detail = await this.products.detail(id);
    return detail && writeOutput(ProductDetail, detail);
  }
}

function known(text: string | undefined): ReadyJson {
  if (text === undefined) throw notFound();
  return new ReadyJson(text);
}
