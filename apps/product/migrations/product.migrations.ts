import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Catalogue1764100000000 } from './1764100000000-catalogue.ts';
import { ReturnedStock1764100200000 } from './1764100200000-returned-stock.ts';
import { ListsByIndex1764100500000 } from './1764100500000-lists-by-index.ts';
import { NamesSetFree1764100600000 } from './1764100600000-names-set-free.ts';
import { Cards1764100700000 } from './1764100700000-cards.ts';
import { SkusWithoutCase1764100800000 } from './1764100800000-skus-without-case.ts';
import { ReadyCards1764100900000 } from './1764100900000-ready-cards.ts';
import { PriceVersions1764101000000 } from './1764101000000-price-versions.ts';
import { RatingVersion1764101100000 } from './1764101100000-rating-version.ts';
import { FilesVersion1764101200000 } from './1764101200000-files-version.ts';
import { ListingChanges1764101310000 } from './1764101310000-listing-changes.ts';
import { Trends1764101320000 } from './1764101320000-trends.ts';
import { Search1764101400000 } from './1764101400000-search.ts';
import { Drafts1764102000000 } from './1764102000000-drafts.ts';
import { SizeCharts1764102100000 } from './1764102100000-size-charts.ts';
import { Imports1764102200000 } from './1764102200000-imports.ts';
import { ImportFileRows1764102300000 } from './1764102300000-import-file-rows.ts';

export const migrations: (new () => object)[] = [
  MessagingTables1764000000000,
  Catalogue1764100000000,
  ReturnedStock1764100200000,
  ListsByIndex1764100500000,
  NamesSetFree1764100600000,
  Cards1764100700000,
  SkusWithoutCase1764100800000,
  ReadyCards1764100900000,
  PriceVersions1764101000000,
  RatingVersion1764101100000,
  FilesVersion1764101200000,
  ListingChanges1764101310000,
  Trends1764101320000,
  Search1764101400000,
  Drafts1764102000000,
  SizeCharts1764102100000,
  Imports1764102200000,
  ImportFileRows1764102300000,
];
