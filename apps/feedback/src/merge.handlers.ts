import { Injectable } from '@nestjs/common';
import { type Call } from '#libs/contracts/call';
import { notFound, type Refusal } from '#libs/contracts/errors';
import { feedbackApi, type MergeFeedback } from '#libs/contracts/feedback/api';
import type { StaffFeedback } from '#libs/contracts/feedback/views';
import type { ById } from '#libs/contracts/page';
import { Database } from '#libs/persistence/database';
import { onceFor } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { FeedbackRepository } from './feedback.repository.ts';
import { FeedbackViews } from './feedback-views.ts';
import { MergeRepository } from './merge.repository.ts';
import { PeopleRepository } from './people.repository.ts';

/** Several that say the same become one, and can be taken apart again. */
@Injectable()
export class MergeHandlers {
  constructor(
    private readonly database: Database,
    private readonly merges: MergeRepository,
    private readonly people: PeopleRepository,
    private readonly feedback: FeedbackRepository,
    private readonly views: FeedbackViews,
  ) {}

  merge({ id, into }: MergeFeedback, call: Call): Promise<StaffFeedback> {
    return this.once(call, into, async (transaction) => {
      const locked = await this.people.lock(transaction, [id, into]);
      const source = locked.find((one) => one.id === id);
      const target = locked.find((one) => one.id === into);
      if (source === undefined || target === undefined) throw notFound();
      if (id === into) throw conflict('It cannot be merged into itself');
      if (source.merged_into !== null) throw conflict('It is merged already');
      if (target.merged_into !== null) throw conflict('The other one is merged itself');
      if (await this.merges.hasMerged(transaction, id)) throw conflict('Others are merged into it');
      await this.merges.merge(transaction, id, into);
      await this.people.recount(transaction, into);
    });
  }

  unmerge({ id }: ById, call: Call): Promise<StaffFeedback> {
    return this.once(call, id, async (transaction) => {
      const before = await this.merges.targetOf(transaction, id);
      if (before === undefined) throw notFound();
      if (before.merged_into === null) throw conflict('It is not merged');
      const locked = await this.people.lock(transaction, [id, before.merged_into]);
      // Somebody else may have taken it apart meanwhile, and merged it anew.
      if (locked.find((one) => one.id === id)?.merged_into !== before.merged_into) throw conflict('It is not merged there any more');
      await this.merges.unmerge(transaction, id);
      await this.people.recount(transaction, before.merged_into);
    });
  }

  private async once(call: Call, answered: string, work: (transaction: Transaction) => Promise<void>): Promise<StaffFeedback> {
    const row = await this.database.transaction(async (transaction) => {
      await onceFor(transaction, call, answered, { make: () => work(transaction), read: async () => undefined });
      return this.feedback.find(answered, 'staff', undefined, transaction);
    });
    if (row === undefined) throw notFound();
    return this.views.oneForStaff(row);
  }
}

const conflict = (detail: string): Refusal => feedbackApi.refuse('feedback.merge_conflict', detail);
