import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Chat1765000000000 } from './1765000000000-chat.ts';
import { WritersOfNotes1765000100000 } from './1765000100000-writers-of-notes.ts';
import { StaffHeardOf1765000200000 } from './1765000200000-staff-heard-of.ts';
import { QueueAtScale1765000300000 } from './1765000300000-queue-at-scale.ts';

export const migrations: (new () => object)[] = [
  MessagingTables1764000000000,
  Chat1765000000000,
  WritersOfNotes1765000100000,
  StaffHeardOf1765000200000,
  QueueAtScale1765000300000,
];
export { keyspace } from './chat.keyspace.ts';
