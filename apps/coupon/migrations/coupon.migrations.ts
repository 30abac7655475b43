import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Coupons1764300000000 } from './1764300000000-coupons.ts';
import { OrdersThatCount1764300100000 } from './1764300100000-orders-that-count.ts';
import { CodesAndRetention1764300200000 } from './1764300200000-codes-and-retention.ts';
import { ToldUsers1764300300000 } from './1764300300000-told-users.ts';

export const migrations: (new () => object)[] = [
  MessagingTables1764000000000,
  Coupons1764300000000,
  OrdersThatCount1764300100000,
  CodesAndRetention1764300200000,
  ToldUsers1764300300000,
];
