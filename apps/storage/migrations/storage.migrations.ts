import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Files1764900000000 } from './1764900000000-files.ts';
import { Answers1764900100000 } from './1764900100000-answers.ts';

export const migrations: (new () => object)[] = [MessagingTables1764000000000, Files1764900000000, Answers1764900100000];
