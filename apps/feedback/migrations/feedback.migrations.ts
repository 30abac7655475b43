import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Feedback1764900000000 } from './1764900000000-feedback.ts';
import { Counts1764900100000 } from './1764900100000-counts.ts';
import { StatusInOrder1764900200000 } from './1764900200000-status-in-order.ts';
import { WordsAtOnce1764900300000 } from './1764900300000-words-at-once.ts';

export const migrations: (new () => object)[] = [
  MessagingTables1764000000000,
  Feedback1764900000000,
  Counts1764900100000,
  StatusInOrder1764900200000,
  WordsAtOnce1764900300000,
];
