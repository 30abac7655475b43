import { Injectable } from '@nestjs/common';
import type { FeedbackMoved, FeedbackOverdue, FeedbackReplied } from '#libs/contracts/feedback/messages';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { Announcer } from './announcer.ts';
import { Links } from './links.ts';

/** What authors and voters hear of feedback, and what the staff do. */
@Injectable()
export class FeedbackReactions {
  constructor(
    private readonly announcer: Announcer,
    private readonly links: Links,
  ) {}

  async onFeedbackMoved({ feedbackId, userIds, status }: FeedbackMoved, { transaction }: TransactionalDelivery): Promise<void> {
    const link = this.links.feedback(feedbackId);
    for (const userId of userIds)
      this.announcer.announce(transaction, {
        template: 'feedback_status',
        userId,
        variables: { status, link },
        data: { feedbackId, status, link },
      });
  }

  async onFeedbackReplied({ feedbackId, userId, status }: FeedbackReplied, { transaction }: TransactionalDelivery): Promise<void> {
    const link = this.links.feedback(feedbackId);
    this.announcer.announce(transaction, { template: 'feedback_reply', userId, variables: { link }, data: { feedbackId, status, link } });
  }

  async onFeedbackOverdue({ feedbackId, userIds, priority }: FeedbackOverdue, { transaction }: TransactionalDelivery): Promise<void> {
    const link = this.links.feedbackDesk(feedbackId);
    for (const userId of userIds)
      this.announcer.announce(transaction, {
        template: 'staff_alert',
        userId,
        variables: { matter: 'feedback_overdue', subject: priority },
        data: { feedbackId, link },
      });
  }
}
