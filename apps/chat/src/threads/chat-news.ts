import { Inject, Injectable } from '@nestjs/common';
import { chatApi } from '#libs/contracts/chat/api';
import type { Message, Receipt } from '#libs/contracts/chat/views';
import { Signals } from '#libs/messaging/signals';
import type { Logger } from '#libs/observability/logger';
import { LOGGER } from '#libs/runtime/core.module';
import type { MessageRow } from '../messages/message.repository.ts';
import { MessageViews } from '../messages/message-views.ts';
import { MemberRepository } from './member.repository.ts';
import { receiptOf } from './receipts.ts';
import { ThreadRepository } from './thread.repository.ts';
import type { MemberRow } from './thread-row.ts';
import { ThreadViews } from './thread-views.ts';

/** A client that got no answer has asked again by then. */
const TOLD_AGAIN_MS = 300_000;

/** Tells the gateways what has happened, once it is committed. What is lost here clients find by asking. */
@Injectable()
export class ChatNews {
  constructor(
    private readonly signals: Signals,
    private readonly threads: ThreadRepository,
    private readonly members: MemberRepository,
    private readonly views: ThreadViews,
    private readonly messages: MessageViews,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** `socket`: which has sent it, and is answered there. */
  sent(message: Message, userIds: readonly string[], socket?: string): void {
    this.signals.send(chatApi.signals.sent, { message, userIds: [...userIds], ...(socket === undefined ? {} : { socket }) });
  }

  changed(message: Message, userIds: readonly string[]): void {
    this.signals.send(chatApi.signals.messageChanged, { message, userIds: [...userIds] });
  }

  /** A support thread was moved; `rows` are the messages that say so. */
  moved(threadId: string, rows: readonly MessageRow[], userIds: readonly string[]): void {
    this.inTheBackground(async () => {
      for (const message of await this.messages.of(rows)) this.sent(message, userIds);
    });
    this.unread(userIds);
    this.thread(threadId);
  }

  /**
   * Somebody asks again for what is done: who did it may have died before it told of it. Told is the last message of the thread, and at a
   * `sequence` that one alone; of others clients have heard, or see the gap. Gateways pass over what they have shown.
   */
  again(threadId: string, { sequence, socket }: { readonly sequence?: number; readonly socket?: string } = {}): void {
    this.inTheBackground(async () => {
      const thread = await this.threads.find(threadId);
      if (thread === undefined || (sequence !== undefined && sequence < thread.last_sequence)) return;
      const seen = await this.views.of([thread]);
      const { lastMessage } = seen.as(thread, undefined);
      if (lastMessage === null || Date.now() - Date.parse(lastMessage.createdAt) > TOLD_AGAIN_MS) return;
      const userIds = seen.membersOf(threadId).map(({ user_id }) => user_id);
      this.sent(lastMessage, userIds, socket);
      await this.tellUnread(userIds);
      if (thread.kind === 'support') await this.tellThread(threadId);
    });
  }

  /** Messages that somebody else than their sender has changed. */
  changedRows(rows: readonly MessageRow[], userIds: readonly string[]): void {
    this.inTheBackground(async () => {
      for (const message of await this.messages.of(rows)) this.changed(message, userIds);
    });
  }

  unread(userIds: readonly string[]): void {
    if (userIds.length > 0) this.inTheBackground(() => this.tellUnread(userIds));
  }

  thread(threadId: string): void {
    this.inTheBackground(() => this.tellThread(threadId));
  }

  receipt(member: MemberRow, members: readonly MemberRow[]): void {
    this.inTheBackground(() => this.tellReceipt(member, members));
  }

  private async tellUnread(userIds: readonly string[]): Promise<void> {
    for (const { user_id: userId, unread, version } of await this.members.unreadOf(userIds))
      this.signals.send(chatApi.signals.unread, { userId, unread, version });
  }

  private async tellThread(threadId: string): Promise<void> {
    const thread = await this.threads.find(threadId);
    if (thread === undefined) return;
    const seen = await this.views.of([thread]);
    const userIds = seen.membersOf(threadId).map(({ user_id }) => user_id);
    const tell = (viewer: string | undefined, heard: { userIds: string[]; staff: boolean }): void =>
      this.signals.send(chatApi.signals.threadChanged, { thread: seen.as(thread, viewer), ...heard });
    for (const userId of userIds) tell(userId, { userIds: [userId], staff: false });
    if (thread.kind === 'support') tell(undefined, { userIds: [], staff: true });
  }

  /** To each as much as they may know, many in one signal. */
  private async tellReceipt(member: MemberRow, members: readonly MemberRow[]): Promise<void> {
    const userIds = members.map(({ user_id }) => user_id);
    const manners = await this.views.mannersOf(userIds);
    const seen = userIds.map((userId) => ({ userId, receipt: receiptOf(member, userId, manners) }));
    const watched = receiptOf(member, undefined, manners);
    const told = Map.groupBy(seen, ({ receipt }) => JSON.stringify(receipt));
    for (const [text, group] of told) {
      const receipt = group[0]?.receipt ?? watched;
      if (isSilent(receipt)) continue;
      this.signals.send(chatApi.signals.receipt, {
        ...receipt,
        userIds: group.map(({ userId }) => userId),
        watchers: text === JSON.stringify(watched),
      });
    }
    if (!isSilent(watched) && !told.has(JSON.stringify(watched)))
      this.signals.send(chatApi.signals.receipt, { ...watched, userIds: [], watchers: true });
  }

  private inTheBackground(tell: () => Promise<void>): void {
    tell().catch((error: Error) => this.logger.warn({ reason: error.message }, 'chat.untold'));
  }
}

const isSilent = ({ delivered, read }: Receipt): boolean => delivered === null && read === null;
