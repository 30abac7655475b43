import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Accounts1764000200000 } from './1764000200000-accounts.ts';
import { Retention1764000300000 } from './1764000300000-retention.ts';

export const migrations: (new () => object)[] = [MessagingTables1764000000000, Accounts1764000200000, Retention1764000300000];
