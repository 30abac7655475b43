import { Injectable } from '@nestjs/common';
import type { Feedback, StaffFeedback } from '#libs/contracts/feedback/views';
import { Attachments } from './attachments.ts';
import { type FeedbackRow, feedbackOf, staffFeedbackOf } from './feedback-row.repository.ts';

/** Rows as they leave: with links to their pictures. */
@Injectable()
export class FeedbackViews {
  constructor(private readonly attachments: Attachments) {}

  forAuthor(rows: readonly FeedbackRow[]): Promise<Feedback[]> {
    return this.shown(rows, feedbackOf);
  }

  forStaff(rows: readonly FeedbackRow[]): Promise<StaffFeedback[]> {
    return this.shown(rows, staffFeedbackOf);
  }

  async oneForAuthor(row: FeedbackRow): Promise<Feedback> {
    const [shown] = await this.forAuthor([row]);
    return shown as Feedback;
  }

  async oneForStaff(row: FeedbackRow): Promise<StaffFeedback> {
    const [shown] = await this.forStaff([row]);
    return shown as StaffFeedback;
  }

  private async shown<View>(rows: readonly FeedbackRow[], viewOf: (row: FeedbackRow, images: Feedback['images']) => View): Promise<View[]> {
    const signed = await this.attachments.signed(rows);
    return rows.map((row) =>
      viewOf(
        row,
        row.image_ids.map((id) => signed.get(id) ?? { id }),
      ),
    );
  }
}
