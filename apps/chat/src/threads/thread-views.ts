import { Injectable } from '@nestjs/common';
import type { Message, Participant, Thread } from '#libs/contracts/chat/views';
import { MessageRepository } from '../messages/message.repository.ts';
import { MessageViews } from '../messages/message-views.ts';
import { BlockRepository } from '../people/block.repository.ts';
import { DELETED_USER, People } from '../people/people.ts';
import { UserRepository } from '../people/user.repository.ts';
import { MemberRepository } from './member.repository.ts';
import { type Manners, receiptOf } from './receipts.ts';
import type { MemberRow, ThreadRow } from './thread-row.ts';

/** Threads as one reader sees each: how much they have not read, and what others let them know. */
export class SeenThreads {
  constructor(
    private readonly members: ReadonlyMap<string, readonly MemberRow[]>,
    private readonly last: ReadonlyMap<string, Message>,
    private readonly names: ReadonlyMap<string, string> | undefined,
    private readonly manners: Manners,
  ) {}

  membersOf(threadId: string): readonly MemberRow[] {
    return this.members.get(threadId) ?? [];
  }

  /** `viewer`: undefined for staff who are not in it. */
  as(thread: ThreadRow, viewer: string | undefined): Thread {
    const members = this.membersOf(thread.id);
    const { id, kind, status, subject, order_id, assignee_id, waiting_since, last_sequence, revision } = thread;
    return {
      ...{ id, kind },
      ...(status === null ? {} : { status }),
      ...(subject === null ? {} : { subject }),
      ...(order_id === null ? {} : { orderId: order_id }),
      ...(assignee_id === null ? {} : { assigneeId: assignee_id }),
      ...(waiting_since === null ? {} : { waitingSince: waiting_since.toISOString() }),
      participants: members.map((member) => this.participant(member, viewer)),
      lastMessage: this.last.get(id) ?? null,
      ...{ lastSequence: last_sequence, revision },
      unreadCount: members.find(({ user_id }) => user_id === viewer)?.unread ?? 0,
      createdAt: thread.created_at.toISOString(),
      updatedAt: thread.updated_at.toISOString(),
    };
  }

  private participant(member: MemberRow, viewer: string | undefined): Participant {
    const { userId, delivered, read } = receiptOf(member, viewer, this.manners);
    const name = this.names === undefined ? undefined : (this.names.get(userId) ?? DELETED_USER);
    return { userId, ...(name === undefined ? {} : { name }), role: member.role, delivered, read };
  }
}

/** Reads what a view of threads is made of, for any number of them at once. */
@Injectable()
export class ThreadViews {
  constructor(
    private readonly members: MemberRepository,
    private readonly messages: MessageRepository,
    private readonly messageViews: MessageViews,
    private readonly users: UserRepository,
    private readonly blocks: BlockRepository,
    private readonly people: People,
  ) {}

  async of(threads: readonly ThreadRow[]): Promise<SeenThreads> {
    const written = threads.filter(({ last_sequence }) => last_sequence > 0);
    const [all, last] = await Promise.all([
      threads.length === 0 ? [] : this.members.of(threads.map(({ id }) => id)),
      written.length === 0 ? [] : this.messages.last(written).then((rows) => this.messageViews.of(rows)),
    ]);
    const present = all.filter(({ left_at }) => left_at === null);
    const userIds = [...new Set(present.map(({ user_id }) => user_id))];
    const [manners, names] = await Promise.all([this.mannersOf(userIds), this.people.names(userIds)]);
    return new SeenThreads(
      Map.groupBy(present, ({ thread_id }) => thread_id),
      new Map(last.map((message) => [message.threadId, message])),
      names,
      manners,
    );
  }

  async one(thread: ThreadRow, viewer: string | undefined): Promise<Thread> {
    return (await this.of([thread])).as(thread, viewer);
  }

  async mannersOf(userIds: readonly string[]): Promise<Manners> {
    const [users, blocked] = await Promise.all([this.users.of(userIds), this.blocks.among(userIds)]);
    return { users: new Map(users.map((user) => [user.user_id, user])), blocked };
  }
}
