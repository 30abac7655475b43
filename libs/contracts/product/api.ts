import { contract, event, signal } from '../contract.ts';
import { FilesUsed } from '../storage/messages.ts';
import { adminOperations } from './admin.ts';
import { catalogueOperations } from './catalogue.ts';
import { categoryOperations } from './categories.ts';
import { importOperations } from './imports.ts';
import { listingOperations } from './listing.ts';
import { CatalogueChange, PriceChanged, SaleFailed, StockRose, Withdrawn } from './messages.ts';
import { searchOperations } from './search.ts';
import { staffOperations } from './staff.ts';
import { stockOperations } from './stock.ts';
import { trendingOperations } from './trending.ts';

export const productApi = contract('product', {
  operations: {
    ...listingOperations,
    ...trendingOperations,
    ...catalogueOperations,
    ...adminOperations,
    ...categoryOperations,
    ...searchOperations,
    ...stockOperations,
    ...staffOperations,
    ...importOperations,
  },
  events: {
    filesUsed: event({ summary: 'The files that a product shows', version: 1, data: FilesUsed, subscribers: ['storage'] }),
    saleFailed: event({
      summary: 'The stock of a confirmed order is gone: it cannot be sold',
      version: 1,
      data: SaleFailed,
      subscribers: ['order'],
      lane: 'checkout',
    }),
    stockRose: event({
      summary: 'More units of a variant can be had than before',
      version: 1,
      data: StockRose,
      subscribers: ['wishlist'],
      batched: ['wishlist'],
    }),
    priceChanged: event({
      summary: 'The price of a variant, or the lowest of its product, is another',
      version: 1,
      data: PriceChanged,
      subscribers: ['wishlist'],
    }),
    withdrawn: event({ summary: 'A product or a variant is withdrawn', version: 1, data: Withdrawn, subscribers: ['wishlist'] }),
  },
  signals: {
    changed: signal({ summary: 'Catalogue or stock changed', data: CatalogueChange }),
  },
});
