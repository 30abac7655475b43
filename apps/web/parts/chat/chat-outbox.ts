import { api, ask } from '../api.ts';
import { session } from '../session.ts';
import { sharedStore } from '../site-data.ts';
import { Outbox, type Waiting } from './outbox.ts';
import { roomOf } from './thread-room.ts';
import { WAITING } from './waiting-key.ts';

const readWaiting = (text: string): readonly Waiting[] | undefined => {
  try {
    const all: unknown = JSON.parse(text);
    // As it was put there by these pages.
    return Array.isArray(all)
      ? (all as readonly Waiting[]).filter(({ message }) => typeof message?.clientMessageId === 'string')
      : undefined;
  } catch {
    return undefined;
  }
};

/** All that this browser has still to send. */
export const outbox = new Outbox({
  kept: sharedStore(WAITING, readWaiting),
  userId: () => session.get()?.user.id,
  send: (body) => ask(api.POST('/api/chat/messages', { params: {}, body })),
  sent: (message) => roomOf(message.threadId)?.merge([message]),
});

addEventListener('online', () => void outbox.flush());
session.subscribe(() => void outbox.flush());
void outbox.flush();
