import { Injectable } from '@nestjs/common';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import { chatApi } from '#libs/contracts/chat/api';
import type { AddParticipant, AssignThread, ByThread, CloseThread, RemoveParticipant, SupportQuery } from '#libs/contracts/chat/inputs';
import { MAX_STAFF, type SupportPage, type Thread } from '#libs/contracts/chat/views';
import { refuse } from '#libs/contracts/errors';
import type { Transaction } from '#libs/persistence/transaction';
import { People, worksHere } from '../people/people.ts';
import { refuseFormer, UserRepository } from '../people/user.repository.ts';
import { Floor } from '../threads/floor.ts';
import { MemberRepository } from '../threads/member.repository.ts';
import type { Room, User } from '../threads/thread-access.ts';
import { ThreadViews } from '../threads/thread-views.ts';
import { Moves } from './moves.ts';
import { QueueRepository } from './queue.repository.ts';
import { SupportRoom } from './support-room.ts';

/** The support desk: the queue, and who has which thread. */
@Injectable()
export class DeskHandlers {
  constructor(
    private readonly queue: QueueRepository,
    private readonly room: SupportRoom,
    private readonly moves: Moves,
    private readonly members: MemberRepository,
    private readonly users: UserRepository,
    private readonly people: People,
    private readonly floor: Floor,
    private readonly views: ThreadViews,
  ) {}

  async support(query: SupportQuery, call: Call): Promise<SupportPage> {
    const { userId } = userOf(call);
    const [{ items, nextCursor }, counts] = await Promise.all([this.queue.page(query, userId), this.queue.counts(userId)]);
    const seen = await this.views.of(items);
    return { items: items.map((thread) => seen.as(thread, userId)), nextCursor, counts };
  }

  claim({ threadId }: ByThread, call: Call): Promise<Thread> {
    const user = userOf(call);
    return this.room.change(
      threadId,
      user,
      async (transaction, room) => {
        const { thread } = room;
        if (thread.status === 'closed') throw closed();
        if (thread.assignee_id === user.userId) return [];
        if (thread.assignee_id !== null)
          throw chatApi.refuse('chat.already_claimed', 'Somebody else has it', { assigneeId: thread.assignee_id });
        refuseCrowd(room, user.userId);
        return [await this.moves.assign(transaction, thread, user.userId, user.userId)];
      },
      async (transaction) => refuseFormer(await this.users.lock(transaction, user.userId)),
    );
  }

  async assign({ threadId, assigneeId }: AssignThread, call: Call): Promise<Thread> {
    const user = userOf(call);
    const version = assigneeId === null ? 0 : await this.checkStaff(threadId, assigneeId, user);
    return this.room.change(
      threadId,
      user,
      async (transaction, room) => {
        const { thread } = room;
        if (thread.status === 'closed') throw closed();
        if (thread.assignee_id === assigneeId) return [];
        if (assigneeId === null) return [await this.moves.release(transaction, thread, user.userId)];
        refuseCrowd(room, assigneeId);
        return [await this.moves.assign(transaction, thread, assigneeId, user.userId)];
      },
      async (transaction) => {
        if (assigneeId !== null) await this.checkUnchanged(transaction, assigneeId, version);
      },
    );
  }

  close({ threadId, note }: CloseThread, call: Call): Promise<Thread> {
    const user = userOf(call);
    return this.room.change(threadId, user, async (transaction, { thread }) =>
      thread.status === 'closed' ? [] : [await this.moves.close(transaction, thread, user.userId, note)],
    );
  }

  reopen({ threadId }: ByThread, call: Call): Promise<Thread> {
    const user = userOf(call);
    return this.room.change(threadId, user, async (transaction, { thread }) => {
      if (thread.status !== 'closed') return [];
      const [customer] = await this.users.of([thread.customer_id ?? ''], transaction);
      if (customer?.erased_at) throw chatApi.refuse('chat.peer_gone', 'The account of the customer is gone');
      if (!isStaff(user) && !this.floor.isReopenable(thread)) throw closed();
      return [await this.moves.reopen(transaction, thread, user.userId)];
    });
  }

  async addParticipant({ threadId, userId }: AddParticipant, call: Call): Promise<Thread> {
    const user = userOf(call);
    const version = await this.checkStaff(threadId, userId, user);
    return this.room.change(
      threadId,
      user,
      async (transaction, room) => {
        const known = room.members.find((member) => member.user_id === userId);
        if (known?.is_added) return [];
        if (known === undefined && staffIn(room) >= MAX_STAFF) throw crowded();
        await this.members.add(transaction, threadId, userId, 'staff', true);
        return known === undefined ? [await this.room.note(transaction, room.thread, 'participant_added', user.userId, userId)] : [];
      },
      (transaction) => this.checkUnchanged(transaction, userId, version),
    );
  }

  async removeParticipant({ threadId, id }: RemoveParticipant, call: Call): Promise<void> {
    const user = userOf(call);
    await this.room.change(threadId, user, async (transaction, { thread, members }) => {
      if (id === thread.customer_id || id === thread.assignee_id) throw chatApi.refuse('chat.stays', 'Customer and assignee stay');
      if (!members.some((member) => member.user_id === id)) return [];
      const moved = await this.room.note(transaction, thread, 'participant_removed', user.userId, id);
      await this.members.leave(transaction, threadId, id);
      return [moved];
    });
  }

  /** What was heard of them before auth was asked. @throws chat.not_staff, and before that what the thread refuses */
  private async checkStaff(threadId: string, userId: string, user: User): Promise<number> {
    await this.room.seen(threadId, user);
    const version = await this.users.heardOf(userId);
    const person = await this.people.find(userId);
    if (person === undefined || person.disabled || !worksHere(person))
      throw chatApi.refuse('chat.not_staff', 'That is nobody of the staff');
    return version;
  }

  /** News that somebody works here no more either comes before this, or finds what is made here. */
  private async checkUnchanged(transaction: Transaction, userId: string, version: number): Promise<void> {
    const { account_version } = await this.users.lock(transaction, userId);
    if (account_version !== version) throw refuse('unavailable', 'The account was just changed');
  }
}

const closed = () => chatApi.refuse('chat.thread_closed', 'The thread is closed');
const crowded = () => chatApi.refuse('chat.too_many_participants', `There are ${MAX_STAFF} of the staff in it already`);
const staffIn = ({ members }: Room): number => members.filter(({ role }) => role === 'staff').length;

/** Who has the thread leaves it to the next, unless they were added to it as well. @throws chat.too_many_participants */
function refuseCrowd(room: Room, assigneeId: string): void {
  const { thread, members } = room;
  const leaves = members.some(({ user_id, is_added }) => user_id === thread.assignee_id && !is_added);
  const isIn = members.some(({ user_id }) => user_id === assigneeId);
  if (!isIn && staffIn(room) - Number(leaves) >= MAX_STAFF) throw crowded();
}
