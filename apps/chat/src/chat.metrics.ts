import { Counter, Gauge } from 'prom-client';
import { MESSAGE_TYPES, THREAD_KINDS } from '#libs/contracts/chat/views';
import { metrics } from '#libs/observability/metrics';

const registers = [metrics];

export const messagesSent = new Counter({
  name: 'only2u_chat_messages_total',
  help: 'Messages that were stored, by the kind of their thread and their type',
  labelNames: ['kind', 'type'],
  registers,
});
export const messagesRepeated = new Counter({
  name: 'only2u_chat_repeats_total',
  help: 'Messages that came again under the same name and were answered as they are',
  registers,
});
export const pushesDue = new Counter({
  name: 'only2u_chat_unread_due_total',
  help: 'Threads that stayed unread, told to notification',
  registers,
});
export const textsMoved = new Counter({
  name: 'only2u_chat_texts_moved_total',
  help: 'Texts that were moved from their row to Cassandra',
  registers,
});
export const textsToMove = new Gauge({
  name: 'only2u_chat_texts_to_move',
  help: 'Texts that wait to be moved to Cassandra',
  registers,
});

// A rate needs a first value.
for (const kind of THREAD_KINDS) for (const type of MESSAGE_TYPES) messagesSent.inc({ kind, type }, 0);
messagesRepeated.inc(0);
pushesDue.inc(0);
textsMoved.inc(0);
