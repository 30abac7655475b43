import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Wishlists1764900000000 } from './1764900000000-wishlists.ts';
import { AlertChecks1764900100000 } from './1764900100000-alert-checks.ts';

export const migrations = [MessagingTables1764000000000, Wishlists1764900000000, AlertChecks1764900100000];
