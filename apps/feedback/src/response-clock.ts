import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { feedbackApi } from '#libs/contracts/feedback/api';
import { FEEDBACK_PRIORITIES } from '#libs/contracts/feedback/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { Database } from '#libs/persistence/database';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { Rounds } from '#libs/runtime/rounds';
import { ClockRepository } from './clock.repository.ts';
import { type FeedbackEnv, feedbackEnv } from './feedback.env.ts';
import { feedbackEscalated } from './feedback.metrics.ts';
import { oneStepUp } from './feedback.ts';
import { termsOf } from './response-terms.ts';

const EVERY_MS = 5_000;
const AT_ONCE = 50;

/** What nobody answered in time rises a step, once, and its assignee is told; all staff where it is nobody's. */
@Injectable()
export class ResponseClock {
  private readonly steps: { readonly from: string; readonly to: string; readonly seconds: number }[];

  constructor(
    private readonly database: Database,
    private readonly clock: ClockRepository,
    @InjectPeer(authApi) private readonly auth: Peer<typeof authApi>,
    @InjectEnvironment(feedbackEnv) env: FeedbackEnv,
    rounds: Rounds,
  ) {
    const terms = termsOf(env);
    this.steps = FEEDBACK_PRIORITIES.map((from) => ({ from, to: oneStepUp(from), seconds: terms[oneStepUp(from)] }));
    rounds.every('feedback.overdue', EVERY_MS, () => this.escalateDue());
  }

  private async escalateDue(): Promise<void> {
    while (await this.clock.isAnyDue()) {
      const { userIds: staff } = await this.auth.staff({});
      const risen = await this.database.transaction(async (transaction) => {
        const rows = await this.clock.escalate(transaction, this.steps, AT_ONCE);
        for (const { id: feedbackId, assignee_id: assigneeId, priority } of rows) {
          const userIds = assigneeId === null ? staff : [assigneeId];
          if (userIds.length > 0) transaction.publish(feedbackApi.events.overdue, { feedbackId, userIds, priority });
        }
        return rows;
      });
      for (const { priority } of risen) feedbackEscalated.inc({ priority });
      // Another replica has the rest.
      if (risen.length === 0) return;
    }
  }
}
