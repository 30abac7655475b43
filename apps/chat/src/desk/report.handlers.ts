import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, userOf } from '#libs/contracts/call';
import { chatApi } from '#libs/contracts/chat/api';
import type { ReportMessage, ReportQuery, ResolveReport } from '#libs/contracts/chat/inputs';
import type { MadeReport, MessageReport, ReportPage, SeenReport } from '#libs/contracts/chat/views';
import { notFound } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import { madeBy, onceFor } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { withoutCardNumbers } from '../messages/card-numbers.ts';
import { readContent, writtenContent } from '../messages/content.ts';
import { MessageRepository, type MessageRow } from '../messages/message.repository.ts';
import { MessageChanges } from '../messages/message-changes.ts';
import { MessageTexts } from '../messages/message-texts.ts';
import { MessageViews } from '../messages/message-views.ts';
import { UserRepository } from '../people/user.repository.ts';
import { ThreadAccess } from '../threads/thread-access.ts';
import { ReportRepository, type ReportRow } from './report.repository.ts';

const MUTED_DAYS = 7;
const SHOWN_BEFORE = 10;

/** Messages that somebody reports, and what becomes of them. */
@Injectable()
export class ReportHandlers {
  constructor(
    private readonly database: Database,
    private readonly rows: ReportRepository,
    private readonly messages: MessageRepository,
    private readonly texts: MessageTexts,
    private readonly views: MessageViews,
    private readonly changes: MessageChanges,
    private readonly access: ThreadAccess,
    private readonly users: UserRepository,
  ) {}

  async report({ id, reason, note }: ReportMessage, call: Call): Promise<MadeReport> {
    const user = userOf(call);
    const { row } = await this.changes.seen(id, user);
    await this.access.own(row.thread_id, user);
    if (row.sender_id === user.userId) throw chatApi.refuse('chat.own_message', 'The message is your own');
    if (row.type === 'system') throw chatApi.refuse('chat.not_reportable', 'Nobody wrote that message');
    const known = await this.rows.findOwn(id, user.userId);
    // The first answer to this request may have been lost.
    if (known !== undefined) return { ...viewOf(known, row), repeated: known.id !== (await madeBy(this.database, call)) };
    const { content } = await this.texts.one(row);
    const report = {
      id: uuidv7(),
      message_id: id,
      reporter_id: user.userId,
      reason,
      note: note === undefined ? null : withoutCardNumbers(note),
      content: writtenContent(content),
    };
    const made = await this.database.transaction((transaction) =>
      onceFor(transaction, call, report.id, {
        make: () => this.rows.add(transaction, report),
        read: (first) => this.rows.find(first, transaction),
      }),
    );
    const kept = made ?? (await this.rows.findOwn(id, user.userId));
    if (kept === undefined) throw notFound();
    return { ...viewOf(kept, row), repeated: made === undefined };
  }

  async reports(query: ReportQuery): Promise<ReportPage> {
    const { items, nextCursor } = await this.rows.page(query);
    const known = new Map((await this.messages.findMany(items.map(({ message_id }) => message_id))).map((row) => [row.id, row]));
    const seen = await Promise.all(
      items.flatMap((report) => {
        const row = known.get(report.message_id);
        return row === undefined ? [] : [this.seen(report, row)];
      }),
    );
    return { items: seen, nextCursor };
  }

  async resolve({ id, resolution }: ResolveReport, call: Call): Promise<MessageReport> {
    const { userId } = userOf(call);
    const report = await this.rows.find(id);
    const row = report === undefined ? undefined : await this.messages.find(report.message_id);
    if (report === undefined || row === undefined) throw notFound();
    const settle = async (transaction: Transaction): Promise<boolean> =>
      (await this.rows.resolve(transaction, id, resolution, userId)) !== undefined;
    if (report.status === 'open') {
      if (resolution === 'deleted') await this.changes.moderate(row.id, userId, settle);
      else
        await this.database.transaction(async (transaction) => {
          if ((await settle(transaction)) && resolution === 'muted' && row.sender_id !== null)
            this.users.mute(transaction, row.sender_id, MUTED_DAYS);
        });
    }
    const settled = await this.rows.find(id);
    if (settled?.resolution !== resolution) throw chatApi.refuse('chat.already_resolved', 'The report was settled otherwise');
    return viewOf(settled, row);
  }

  private async seen(report: ReportRow, row: MessageRow): Promise<SeenReport> {
    const [messages, before] = await Promise.all([
      this.views.shown([{ row, content: readContent(report.content) }]),
      this.messages.below(row.thread_id, row.sequence, SHOWN_BEFORE).then((rows) => this.views.of(rows)),
    ]);
    const [message] = messages;
    if (message === undefined) throw notFound();
    return { ...viewOf(report, row), message, before };
  }
}

const viewOf = (report: ReportRow, { thread_id }: MessageRow): MessageReport => ({
  ...{ id: report.id, messageId: report.message_id, threadId: thread_id, reporterId: report.reporter_id, reason: report.reason },
  ...(report.note === null ? {} : { note: report.note }),
  status: report.status,
  ...(report.resolution === null ? {} : { resolution: report.resolution }),
  ...(report.resolved_at === null ? {} : { resolvedAt: report.resolved_at.toISOString() }),
  createdAt: report.created_at.toISOString(),
});
