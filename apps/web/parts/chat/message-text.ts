import type { Message, Thread } from '#libs/client/chat-types';
import type { ChatWords } from './words-en.ts';

type Named = Pick<Thread, 'participants'>;

/** As a thread calls somebody; staff that left it is only known as staff. */
export const nameIn = (words: ChatWords, { participants }: Named, userId: string | null | undefined): string =>
  participants.find((one) => one.userId === userId)?.name ?? (userId === null ? words.someoneDeleted : words.support);

/** What a `system` message tells. */
export function systemText(words: ChatWords, thread: Named, { system }: Message): string {
  if (system === undefined) return '';
  return words.system[system.event](nameIn(words, thread, system.actorId), nameIn(words, thread, system.subjectId));
}

/** A message in a few words, for a list and for those who hear the page. */
export function summaryOf(words: ChatWords, thread: Named, message: Message): string {
  if (message.deletedAt !== undefined) return words.deleted;
  if (message.type === 'system') return systemText(words, thread, message);
  if (message.body !== '') return message.body;
  if (message.type === 'product') return words.productMessage;
  return message.type === 'order' ? words.orderMessage : words.pictureMessage;
}
