import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import type { ByAttachment, EditMessage, ReadWindow, SendMessage, SyncThread } from '#libs/contracts/chat/inputs';
import type {
  AttachmentLink,
  Message,
  MessageHistory,
  MessageWindow,
  PostedMessage,
  SentMessage,
  Synced,
} from '#libs/contracts/chat/views';
import { invalid, notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { receiptOf } from '../threads/receipts.ts';
import { ThreadRepository } from '../threads/thread.repository.ts';
import { isIn, ThreadAccess } from '../threads/thread-access.ts';
import { ThreadViews } from '../threads/thread-views.ts';
import { Attachments } from './attachments.ts';
import { type Content, readContent } from './content.ts';
import { MessageRepository } from './message.repository.ts';
import { MessageChanges } from './message-changes.ts';
import { MessageTexts } from './message-texts.ts';
import { MessageViews } from './message-views.ts';
import { Sender } from './sender.ts';

const CHANGES_AT_ONCE = 200;

/** What else is shown beside messages. */
@Injectable()
export class SeenParts {
  constructor(
    readonly threadViews: ThreadViews,
    readonly attachments: Attachments,
  ) {}
}

/** Sending and reading messages. */
@Injectable()
export class MessageHandlers {
  constructor(
    private readonly sender: Sender,
    private readonly changes: MessageChanges,
    private readonly access: ThreadAccess,
    private readonly threads: ThreadRepository,
    private readonly messageRows: MessageRepository,
    private readonly texts: MessageTexts,
    private readonly views: MessageViews,
    private readonly seen: SeenParts,
  ) {}

  async post(input: SendMessage, call: Call): Promise<PostedMessage> {
    const { message, repeated } = await this.sender.send(input, call);
    return { ...message, repeated };
  }

  send(input: SendMessage, call: Call): Promise<SentMessage> {
    return this.sender.send(input, call);
  }

  async messages({ threadId, before, after, limit }: ReadWindow, call: Call): Promise<MessageWindow> {
    if (before !== undefined && after !== undefined) throw invalid([{ path: 'after', message: 'does not go with before' }]);
    const { thread } = await this.access.seen(threadId, userOf(call));
    // What comes while this runs is left to the next call, so that `lastSequence` and the items fit together.
    const end = thread.last_sequence + 1;
    const asked = limit + 1;
    const rows =
      after === undefined
        ? await this.messageRows.below(threadId, Math.min(before ?? end, end), asked)
        : (await this.messageRows.above(threadId, after, asked)).filter(({ sequence }) => sequence < end);
    const hasMore = rows.length > limit;
    const shown = !hasMore ? rows : after === undefined ? rows.slice(1) : rows.slice(0, limit);
    return { items: await this.views.of(shown), hasMore, lastSequence: thread.last_sequence, revision: thread.revision };
  }

  /** The changes of a page are those of what the client had before it. */
  async sync({ threadId, after, revision, limit }: SyncThread, call: Call): Promise<Synced> {
    const user = userOf(call);
    const room = await this.access.seen(threadId, user);
    const { thread, members } = room;
    const [above, changed] = await Promise.all([
      this.messageRows.above(threadId, after, limit + 1),
      revision === undefined
        ? []
        : this.messageRows.changed(threadId, { revision, upTo: Math.min(after, thread.last_sequence), limit: CHANGES_AT_ONCE + 1 }),
    ]);
    const rows = above.filter(({ sequence }) => sequence <= thread.last_sequence).slice(0, limit);
    const more = above.length > limit;
    const moreChanged = changed.length > CHANGES_AT_ONCE;
    const changes = changed.slice(0, CHANGES_AT_ONCE);
    const shown = await this.views.of([...rows, ...changes]);
    const manners = await this.seen.threadViews.mannersOf(members.map(({ user_id }) => user_id));
    const viewer = isIn(room, user)?.user_id;
    return {
      ...{ messages: shown.slice(0, rows.length), changed: shown.slice(rows.length), more: more || moreChanged },
      lastSequence: thread.last_sequence,
      revision: moreChanged ? (changes.at(-1)?.revision ?? thread.revision) : thread.revision,
      receipts: members.map((member) => receiptOf(member, viewer, manners)),
    };
  }

  edit({ id, body }: EditMessage, call: Call): Promise<Message> {
    return this.changes.edit(id, body, userOf(call));
  }

  remove({ id }: ById, call: Call): Promise<void> {
    return this.changes.remove(id, userOf(call));
  }

  async history({ id }: ById): Promise<MessageHistory> {
    const row = await this.messageRows.find(id);
    const thread = row === undefined ? undefined : await this.threads.find(row.thread_id);
    if (row === undefined || thread === undefined || (thread.kind !== 'support' && !row.is_reported)) throw notFound();
    const [versions, present] = await Promise.all([this.messageRows.versions(id), this.texts.one(row)]);
    const partOf = ({ body, attachments }: Content) => ({ body, ...(attachments === undefined ? {} : { attachments: [...attachments] }) });
    return {
      items: [
        ...versions.map(({ revision, content, since, until, changed_by }) => ({
          ...{ revision, ...partOf(readContent(content)), at: since.toISOString(), until: until.toISOString(), changedBy: changed_by },
        })),
        { revision: row.revision, ...partOf(present.content), at: (row.deleted_at ?? row.edited_at ?? row.created_at).toISOString() },
      ],
    };
  }

  async attachment({ id, fileId }: ByAttachment, call: Call): Promise<AttachmentLink> {
    const { row } = await this.changes.seen(id, userOf(call));
    if (!row.has_files) throw notFound();
    const { content } = await this.texts.one(row);
    if (!content.attachments?.some((file) => file.fileId === fileId)) throw notFound();
    return this.seen.attachments.link(fileId);
  }
}
