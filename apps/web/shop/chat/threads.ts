import type { Thread } from '#libs/client/chat-types';
import { queryClient } from '../../parts/api.ts';
import { inAMoment } from '../../parts/chat/in-a-moment.ts';
import { peerOf } from '../../parts/chat/thread-state.ts';
import type { ChatWords } from '../../parts/chat/words-en.ts';
import { session } from '../../parts/session.ts';

export const THREADS = '/api/chat/user/{userId}/threads';

export const readThreads = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['get', THREADS] });

/** As messages come, of which there may be many. */
export const readThreadsSoon = inAMoment(() => void readThreads());

/** What a customer calls a chat: by its subject, or by who is at its other end. */
export function titleOf(words: ChatWords, thread: Thread): string {
  if (thread.kind === 'support') return thread.subject ?? words.support;
  return peerOf(thread, session.get()?.user.id)?.name ?? words.someoneDeleted;
}
