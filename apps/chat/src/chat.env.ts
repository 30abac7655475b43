import { cassandraEnv } from '#libs/runtime/cassandra-settings';
import { decimal, environment, together, type Values, whole } from '#libs/runtime/environment';

export const chatEnv = together(
  environment({
    CHAT_EDIT_SECONDS: whole({ default: 900, min: 0, max: 31_536_000, about: 'Seconds in which senders may edit a message.' }),
    CHAT_DELETE_SECONDS: whole({ default: 86_400, min: 0, max: 31_536_000, about: 'Seconds in which a message may be deleted.' }),
    CHAT_REOPEN_DAYS: whole({
      default: 14,
      min: 0,
      max: 3_650,
      about: 'Days in which a customer opens a closed support thread again, by writing in it.',
    }),
    CHAT_PUSH_DELAY_SECONDS: whole({
      default: 15,
      min: 0,
      max: 86_400,
      about: 'Seconds that a message stays unread before its reader is told elsewhere; eight times as many while they have a chat open.',
    }),
    RATE_LIMIT_SCALE: decimal({ min: 0.001, max: 1_000_000, default: 1, about: 'Multiplies every rate limit; for load tests.' }),
  }),
  cassandraEnv,
);
export type ChatEnv = Values<typeof chatEnv>;
