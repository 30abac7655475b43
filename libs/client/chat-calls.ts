import type { Message, NewMessage, Presence, ReadState, Receipt } from './chat-types.ts';
import type { Missed } from './thread-feed.ts';

/** What a client asks, and what is answered. */
export interface ChatCalls {
  'message:send': [ask: NewMessage, answer: { readonly message: Message; readonly repeated: boolean }];
  'message:read': [ask: { threadId: string; sequence: number }, answer: ReadState];
  'message:delivered': [ask: { threadId: string; sequence: number }, answer: ReadState];
  typing: [ask: { threadId: string; typing: boolean }, answer: object];
  watch: [ask: { threadId: string; watch: boolean }, answer: object];
  sync: [ask: { threadId: string; after: number; revision?: number; limit?: number }, answer: Synced];
  presence: [ask: { userIds: readonly string[] }, answer: { readonly items: readonly Presence[] }];
  auth: [ask: { token: string }, answer: { readonly expiresIn: number }];
}
export type Ask<E extends keyof ChatCalls> = ChatCalls[E][0];
export type Answer<E extends keyof ChatCalls> = ChatCalls[E][1];

export interface Synced extends Missed<Message> {
  readonly lastSequence: number;
  readonly receipts: readonly Receipt[];
}

/** The shop has said no. */
export class ChatRefusal extends Error {
  override readonly name = 'ChatRefusal';

  /** `fields`: `code`, `status` and what the code's row in the API names. */
  constructor(
    readonly code: string,
    detail: string,
    readonly retryable: boolean,
    readonly retryAfter: number | undefined,
    readonly fields: Readonly<Record<string, unknown>>,
  ) {
    super(detail);
  }
}

/** There is no connection. */
export const away = (): ChatRefusal => new ChatRefusal('unavailable', 'There is no connection', true, 1, {});

/** What an acknowledgement says that says no. */
export function refusalOf(error: Record<string, unknown>): ChatRefusal {
  const { code, detail, retryable, retryAfter } = error;
  return new ChatRefusal(String(code), String(detail), retryable === true, typeof retryAfter === 'number' ? retryAfter : undefined, error);
}
