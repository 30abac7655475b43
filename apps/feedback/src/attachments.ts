import { Injectable } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import type { FeedbackImage } from '#libs/contracts/feedback/views';
import type { Transaction } from '#libs/persistence/transaction';
import type { FeedbackRow } from './feedback-row.ts';

/** Pictures of feedback: files of the storage. */
@Injectable()
export class Attachments {
  /** Keeps these files of the user for this piece of feedback, for some minutes. */
  async claim(_userId: string, fileIds: readonly string[], _feedbackId: string): Promise<void> {
    if (fileIds.length > 0) throw refuse('unavailable', 'Pictures cannot be taken right now');
  }

  /** Keeps them for good. */
  hold(_transaction: Transaction, _feedback: { id: string; userId: string; images: readonly string[] }): void {}

  /** Lets go of them. */
  release(_transaction: Transaction, _feedback: { id: string; userId: string }): void {}

  /** By file id. */
  async signed(_rows: readonly FeedbackRow[]): Promise<ReadonlyMap<string, FeedbackImage>> {
    return new Map();
  }
}
