import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Carts1764200000000 } from './1764200000000-carts.ts';
import { GuestsAndCoupons1764300000000 } from './1764300000000-guests-and-coupons.ts';

export const migrations = [MessagingTables1764000000000, Carts1764200000000, GuestsAndCoupons1764300000000];
