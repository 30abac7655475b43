import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Referral1764900400000 } from './1764900400000-referral.ts';

export const migrations: (new () => object)[] = [MessagingTables1764000000000, Referral1764900400000];
