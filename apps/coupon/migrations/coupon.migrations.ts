import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Coupons1764300000000 } from './1764300000000-coupons.ts';

export const migrations: (new () => object)[] = [MessagingTables1764000000000, Coupons1764300000000];
