import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import { chatApi } from '#libs/contracts/chat/api';
import type { SendMessage } from '#libs/contracts/chat/inputs';
import type { SentMessage } from '#libs/contracts/chat/views';
import { Refusal, refuse } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import { keyOf, madeBy, remember } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type ChatEnv, chatEnv } from '../chat.env.ts';
import { messagesRepeated } from '../chat.metrics.ts';
import { Moves } from '../desk/moves.ts';
import { UserRepository } from '../people/user.repository.ts';
import { ChatNews } from '../threads/chat-news.ts';
import { Floor } from '../threads/floor.ts';
import { asMember, type Room, ThreadAccess, type User } from '../threads/thread-access.ts';
import { Attachments } from './attachments.ts';
import { withoutCardNumbers } from './card-numbers.ts';
import { checkShape, hashOf } from './content.ts';
import { Enclosures } from './enclosures.ts';
import { Journal } from './journal.ts';
import { MessageRepository, type MessageRow } from './message.repository.ts';
import { MessageViews } from './message-views.ts';

const A_MINUTE = { customer: 60, staff: 300 };

interface Stored {
  readonly row: MessageRow;
  readonly isRepeat: boolean;
  readonly room: Room;
  /** Written in the same transaction, before it. */
  readonly before: readonly MessageRow[];
}

/** What a message is made of, stored in and told by. */
@Injectable()
export class Parts {
  constructor(
    readonly enclosures: Enclosures,
    readonly attachments: Attachments,
    readonly journal: Journal,
    readonly moves: Moves,
    readonly views: MessageViews,
    readonly news: ChatNews,
  ) {}
}

/** Takes a message in. It is answered once it is committed, and never stored twice under the name that its sender gave it. */
@Injectable()
export class Sender {
  constructor(
    private readonly database: Database,
    private readonly access: ThreadAccess,
    private readonly floor: Floor,
    private readonly users: UserRepository,
    private readonly messages: MessageRepository,
    private readonly parts: Parts,
    @InjectEnvironment(chatEnv) private readonly env: ChatEnv,
  ) {}

  async send(given: SendMessage, call: Call): Promise<SentMessage> {
    checkShape(given);
    const input = given.body === undefined ? given : { ...given, body: withoutCardNumbers(given.body) };
    const user = userOf(call);
    const made = await madeBy(this.database, call);
    const first = made === undefined ? undefined : await this.messages.find(made);
    // The answer of the first request with this key, as it is now.
    if (first !== undefined) {
      this.tellAgain(first, call);
      return { message: await this.parts.views.one(first), repeated: false };
    }
    const room = await this.access.seen(input.threadId, user);
    const known = await this.messages.findSent(input.threadId, user.userId, input.clientMessageId);
    if (known !== undefined) return this.repeated(known, input, call);
    // Before anything is asked of others; what counts is asked again under the lock.
    await this.floor.check(room, user);
    const id = uuidv7();
    const content = await this.parts.enclosures.of(input, asMember(room, user), id);
    const stored = await this.database.transaction((transaction) => this.store(transaction, { id, input, user, content }, call));
    return stored.isRepeat ? this.repeated(stored.row, input, call) : this.tell(stored, user, call);
  }

  private async store(
    transaction: Transaction,
    { id, input, user, content }: { id: string; input: SendMessage; user: User; content: Awaited<ReturnType<Enclosures['of']>> },
    call: Call,
  ): Promise<Stored> {
    const { userId } = user;
    const key = keyOf(call);
    const before = key === undefined ? undefined : await remember(transaction, key, id);
    const sender = await this.users.lock(transaction, userId);
    if (sender.erased_at !== null) throw refuse('unauthenticated', 'This account is erased');
    const room = await this.access.locked(transaction, input.threadId);
    const known =
      before === undefined
        ? await this.messages.findSent(input.threadId, userId, input.clientMessageId, transaction)
        : await this.messages.find(before, transaction);
    if (known !== undefined) return { row: known, isRepeat: true, room, before: [] };
    const { me } = await this.floor.check(room, user, transaction);
    await this.refuseTooMany(transaction, user);
    const isCustomer = me.role === 'customer';
    const { thread, rows } = await this.reopened(transaction, room, user);
    const added = await this.parts.journal.add(transaction, thread, {
      ...{ id, type: input.type, content },
      sender: { userId, clientMessageId: input.clientMessageId, hash: hashOf(input) },
      ...(thread.kind === 'support' ? { waiting: isCustomer } : {}),
    });
    if (input.attachments !== undefined) this.parts.attachments.hold(transaction, { id, userId, fileIds: input.attachments });
    return { row: added.row, isRepeat: false, room, before: rows };
  }

  /** A customer who writes in a closed thread opens it again. */
  private async reopened(
    transaction: Transaction,
    { thread }: Room,
    { userId }: User,
  ): Promise<{ thread: Room['thread']; rows: MessageRow[] }> {
    if (thread.status !== 'closed') return { thread, rows: [] };
    const moved = await this.parts.moves.reopen(transaction, thread, userId);
    return { thread: moved.thread, rows: [moved.row] };
  }

  private async refuseTooMany(transaction: Transaction, user: User): Promise<void> {
    const most = Math.max(1, Math.floor(A_MINUTE[isStaff(user) ? 'staff' : 'customer'] * this.env.RATE_LIMIT_SCALE));
    const { count, secondsToRoom } = await this.messages.sentLately(transaction, user.userId);
    if (count >= most) throw new Refusal('rate_limited', 'rate_limited', `Try again in ${secondsToRoom} s`, {}, secondsToRoom);
  }

  private async repeated(row: MessageRow, input: SendMessage, call: Call): Promise<SentMessage> {
    if (row.client_message_id !== input.clientMessageId || row.sent_hash !== hashOf(input))
      throw chatApi.refuse('chat.client_message_id_reused', 'Another message was sent under this clientMessageId');
    messagesRepeated.inc();
    this.tellAgain(row, call);
    return { message: await this.parts.views.one(row), repeated: true };
  }

  private tellAgain({ thread_id, sequence }: MessageRow, call: Call): void {
    this.parts.news.again(thread_id, { sequence, ...(call.client?.socket === undefined ? {} : { socket: call.client.socket }) });
  }

  private async tell({ row, room: { thread, members }, before }: Stored, { userId }: User, call: Call): Promise<SentMessage> {
    const { news, views } = this.parts;
    const shown = await views.of([...before, row]);
    const userIds = members.map(({ user_id }) => user_id);
    for (const message of shown) news.sent(message, userIds, message.id === row.id ? call.client?.socket : undefined);
    news.unread(userIds.filter((each) => each !== userId));
    // The staff's queue shows who waits, and for how long.
    const isCustomer = thread.customer_id === userId;
    if (thread.kind === 'support' && (before.length > 0 || isCustomer === (thread.waiting_since === null))) news.thread(thread.id);
    const message = shown.at(-1);
    if (message === undefined) throw new Error('a message was sent and is not shown');
    return { message, repeated: false };
  }
}
