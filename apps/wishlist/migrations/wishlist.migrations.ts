import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Wishlists1764900000000 } from './1764900000000-wishlists.ts';

export const migrations = [MessagingTables1764000000000, Wishlists1764900000000];
