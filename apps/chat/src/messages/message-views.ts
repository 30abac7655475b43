import { Injectable } from '@nestjs/common';
import type { Message, MessageCard } from '#libs/contracts/chat/views';
import { UserRepository } from '../people/user.repository.ts';
import { Cards } from './cards.ts';
import type { Content } from './content.ts';
import type { MessageRow } from './message.repository.ts';
import { type FullMessage, MessageTexts } from './message-texts.ts';

/** Messages as they are shown; all readers of a thread see the same. */
@Injectable()
export class MessageViews {
  constructor(
    private readonly texts: MessageTexts,
    private readonly cards: Cards,
    private readonly users: UserRepository,
  ) {}

  /** In their order. */
  async of(rows: readonly MessageRow[]): Promise<Message[]> {
    return rows.length === 0 ? [] : this.shown(await this.texts.of(rows));
  }

  async one(row: MessageRow): Promise<Message> {
    const [message] = await this.of([row]);
    if (message === undefined) throw new Error('a message was asked for and is not answered');
    return message;
  }

  async shown(messages: readonly FullMessage[]): Promise<Message[]> {
    const contents = messages.map(({ content }) => content);
    const [cards, erased] = await Promise.all([this.cards.of(contents), this.erasedActors(contents)]);
    return messages.map(({ row, content }) => viewOf(row, content, cards, erased));
  }

  private async erasedActors(contents: readonly Content[]): Promise<ReadonlySet<string>> {
    const actorIds = [...new Set(contents.flatMap(({ system }) => system?.actorId ?? []))];
    if (actorIds.length === 0) return new Set();
    const known = await this.users.of(actorIds);
    return new Set(known.filter(({ erased_at }) => erased_at !== null).map(({ user_id }) => user_id));
  }
}

function viewOf(row: MessageRow, content: Content, cards: ReadonlyMap<string, MessageCard>, erased: ReadonlySet<string>): Message {
  const { body, attachments, productId, orderId, system } = content;
  const subject = productId ?? orderId;
  return {
    ...{ id: row.id, threadId: row.thread_id, senderId: row.sender_id, clientMessageId: row.client_message_id },
    ...{ sequence: row.sequence, revision: row.revision, type: row.type, body },
    ...(attachments === undefined ? {} : { attachments: [...attachments] }),
    ...(subject === undefined ? {} : { card: cards.get(subject) ?? null }),
    ...(system === undefined ? {} : { system: erased.has(system.actorId ?? '') ? { ...system, actorId: null } : system }),
    createdAt: row.created_at.toISOString(),
    ...(row.edited_at === null ? {} : { editedAt: row.edited_at.toISOString() }),
    ...(row.deleted_at === null ? {} : { deletedAt: row.deleted_at.toISOString() }),
  };
}
