import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Reviews1764900100000 } from './1764900100000-reviews.ts';
import { HelpfulOfRating1764900200000 } from './1764900200000-helpful-of-rating.ts';
import { SumsBeforeCounts1764900300000 } from './1764900300000-sums-before-counts.ts';

export const migrations: (new () => object)[] = [
  MessagingTables1764000000000,
  Reviews1764900100000,
  HelpfulOfRating1764900200000,
  SumsBeforeCounts1764900300000,
];
