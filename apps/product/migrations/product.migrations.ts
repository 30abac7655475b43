import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Catalogue1764100000000 } from './1764100000000-catalogue.ts';
import { ReturnedStock1764100200000 } from './1764100200000-returned-stock.ts';
import { ListsByIndex1764100500000 } from './1764100500000-lists-by-index.ts';

export const migrations: (new () => object)[] = [
  MessagingTables1764000000000,
  Catalogue1764100000000,
  ReturnedStock1764100200000,
  ListsByIndex1764100500000,
];
