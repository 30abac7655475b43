import { Injectable } from '@nestjs/common';
import { type Actor, isStaff } from '#libs/contracts/call';
import { chatApi } from '#libs/contracts/chat/api';
import { notFound } from '#libs/contracts/errors';
import type { Transaction } from '#libs/persistence/transaction';
import { MemberRepository } from './member.repository.ts';
import { ThreadRepository } from './thread.repository.ts';
import type { MemberRow, ThreadRow } from './thread-row.ts';

export type User = Extract<Actor, { kind: 'user' }>;

/** A thread and who is in it now. */
export interface Room {
  readonly thread: ThreadRow;
  readonly members: readonly MemberRow[];
}
/** As one of its members sees it. */
export interface OwnRoom extends Room {
  readonly me: MemberRow;
}

/** Staff are in a support thread only as long as they are staff. */
export const isIn = ({ thread, members }: Room, user: User): MemberRow | undefined =>
  members.find(({ user_id, role }) => user_id === user.userId && (thread.kind === 'direct' || role === 'customer' || isStaff(user)));

/** Who may see a thread: its members, and staff any support thread. To all others it does not exist. */
@Injectable()
export class ThreadAccess {
  constructor(
    private readonly threads: ThreadRepository,
    private readonly members: MemberRepository,
  ) {}

  async seen(threadId: string, user: User): Promise<Room> {
    const [thread, members] = await Promise.all([this.threads.find(threadId), this.members.present(threadId)]);
    if (thread === undefined) throw notFound();
    const room = { thread, members };
    if (isIn(room, user) === undefined && !(thread.kind === 'support' && isStaff(user))) throw notFound();
    return room;
  }

  /** @throws chat.not_claimed for staff who see the thread and are not in it */
  async own(threadId: string, user: User): Promise<OwnRoom> {
    return asMember(await this.seen(threadId, user), user);
  }

  /** The thread stays as it is until the transaction ends, but for what this transaction does. */
  async locked(transaction: Transaction, threadId: string): Promise<Room> {
    const thread = await this.threads.lock(transaction, threadId);
    if (thread === undefined) throw notFound();
    return { thread, members: await this.members.present(threadId, transaction) };
  }
}

export function asMember(room: Room, user: User): OwnRoom {
  const me = isIn(room, user);
  if (me === undefined) throw chatApi.refuse('chat.not_claimed', 'Claim the thread first');
  return { ...room, me };
}
