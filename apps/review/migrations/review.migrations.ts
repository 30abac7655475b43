import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Reviews1764900100000 } from './1764900100000-reviews.ts';
import { HelpfulOfRating1764900200000 } from './1764900200000-helpful-of-rating.ts';

export const migrations: (new () => object)[] = [MessagingTables1764000000000, Reviews1764900100000, HelpfulOfRating1764900200000];
