import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Accounts1764000200000 } from './1764000200000-accounts.ts';

export const migrations = [MessagingTables1764000000000, Accounts1764000200000];
