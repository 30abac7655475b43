import type { Schemas } from './client.ts';
import type { paths } from './schema.ts';

export type Message = Schemas['Message'];
export type Attachment = Schemas['Attachment'];
export type Thread = Schemas['Thread'];
export type Participant = Schemas['Participant'];
/** How far the caller has come in a thread. */
export type ReadState = Schemas['ReadState'];
/** The body of `POST /api/chat/messages`. */
export type NewMessage = NonNullable<paths['/api/chat/messages']['post']['requestBody']>['content']['application/json'];

/** `delivered` and `read` are null where one of the two hides them. */
export interface Receipt {
  readonly threadId: string;
  readonly userId: string;
  readonly delivered: number | null;
  readonly read: number | null;
}

/** `lastSeen` is null while they are online, and where nobody remembers. */
export interface Presence {
  readonly userId: string;
  readonly online: boolean;
  readonly lastSeen: string | null;
}
