import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import type { ByteAnswer } from '#libs/contracts/contract';
import { invalid, notFound, Refusal } from '#libs/contracts/errors';
import type { ChangeFeedback, ChangeMuchFeedback, FeedbackFilters, FeedbackQueueQuery, MoveFeedback } from '#libs/contracts/feedback/api';
import { type BulkOutcome, type FeedbackQueue, MAX_FEEDBACK_TAGS, type StaffFeedback } from '#libs/contracts/feedback/views';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { ChangeRepository } from './change.repository.ts';
import { FeedbackRepository } from './feedback.repository.ts';
import { type CheckedAssignee, FeedbackChanges } from './feedback-changes.ts';
import { csvLines } from './feedback-csv.ts';
import { FeedbackViews } from './feedback-views.ts';
import { QueueRepository } from './queue.repository.ts';

/** The staff's queue, and what they do to what is in it. */
@Injectable()
export class StaffHandlers {
  constructor(
    private readonly database: Database,
    private readonly rows: QueueRepository,
    private readonly feedback: FeedbackRepository,
    private readonly changes: FeedbackChanges,
    private readonly repository: ChangeRepository,
    private readonly views: FeedbackViews,
  ) {}

  async queue(query: FeedbackQueueQuery): Promise<FeedbackQueue> {
    const { limit: _limit, cursor: _cursor, sort: _sort, ...filters } = query;
    const [{ items, nextCursor }, { total, counts }] = await Promise.all([this.rows.page(query), this.rows.counts(filters)]);
    return { items: await this.views.forStaff(items), nextCursor, total, counts };
  }

  async exportAll(filters: FeedbackFilters): Promise<ByteAnswer> {
    const lines = csvLines((last, limit) => this.rows.rowsAfter(filters, last, limit));
    return { body: Readable.from(lines), mime: 'text/csv; charset=utf-8', maxAge: 0, fileName: 'feedback.csv', disposition: 'attachment' };
  }

  async move({ id, status, note, reply }: MoveFeedback, call: Call): Promise<StaffFeedback> {
    const { userId: staffId } = userOf(call);
    return this.changed(id, (transaction) => this.changes.move(transaction, { id, status, staffId, note, reply }));
  }

  async change({ id, assigneeId, priority, tags, held, publicTitle }: ChangeFeedback): Promise<StaffFeedback> {
    if (held === true) throw invalid([{ path: 'held', message: 'must be false: nothing is held by hand' }]);
    return this.changes.withAssignee(assigneeId, (assignee) =>
      this.changed(id, async (transaction) => {
        await this.changes.assign(transaction, assignee);
        const isThere = await this.repository.change(transaction, id, {
          ...(assigneeId === undefined ? {} : { assigneeId }),
          ...this.changes.priority(priority),
          ...(tags === undefined ? {} : { tags: [...new Set(tags)] }),
          ...(held === undefined ? {} : { isLetThrough: true }),
          ...(publicTitle === undefined ? {} : { publicTitle }),
        });
        if (!isThere) throw notFound();
      }),
    );
  }

  /** Each in a transaction of its own. */
  async changeMany({ ids, ...changes }: ChangeMuchFeedback, call: Call): Promise<BulkOutcome> {
    if (Object.values(changes).every((change) => change === undefined)) throw invalid([{ path: '', message: 'must change something' }]);
    const { userId: staffId } = userOf(call);
    const outcome: BulkOutcome = { done: [], failed: [] };
    const checked = this.changes.checkAssignee(changes.assigneeId);
    for (const id of new Set(ids)) {
      try {
        await this.changes.withAssignee(
          changes.assigneeId,
          (assignee) => this.database.transaction((transaction) => this.changeOne(transaction, id, changes, assignee, staffId)),
          checked,
        );
        outcome.done.push(id);
      } catch (error) {
        if (!(error instanceof Refusal) || error.retryable) throw error;
        outcome.failed.push({ id, code: error.code });
      }
    }
    return outcome;
  }

  private async changeOne(
    transaction: Transaction,
    id: string,
    { status, assigneeId, priority, addTags = [], removeTags = [] }: Omit<ChangeMuchFeedback, 'ids'>,
    assignee: CheckedAssignee | undefined,
    staffId: string,
  ): Promise<void> {
    await this.changes.assign(transaction, assignee);
    const before = await this.repository.tagsOf(transaction, id);
    if (before === undefined) throw notFound();
    const tags = [...new Set([...before, ...addTags])].filter((tag) => !removeTags.includes(tag));
    if (tags.length > MAX_FEEDBACK_TAGS) throw invalid([{ path: 'addTags', message: `makes more than ${MAX_FEEDBACK_TAGS} tags` }]);
    if (status !== undefined) await this.changes.move(transaction, { id, status, staffId });
    await this.repository.change(transaction, id, {
      ...(assigneeId === undefined ? {} : { assigneeId }),
      ...this.changes.priority(priority),
      ...(addTags.length + removeTags.length === 0 ? {} : { tags }),
    });
  }

  private async changed(id: string, work: (transaction: Transaction) => Promise<void>): Promise<StaffFeedback> {
    const row = await this.database.transaction(async (transaction) => {
      await work(transaction);
      return this.feedback.find(id, 'staff', undefined, transaction);
    });
    if (row === undefined) throw notFound();
    return this.views.oneForStaff(row);
  }
}
