import { Module } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { feedbackApi } from '#libs/contracts/feedback/api';
import { notificationApi } from '#libs/contracts/notification/api';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import { storageApi } from '#libs/contracts/storage/api';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/feedback.migrations.ts';
import { retention } from '../migrations/feedback.retention.ts';
import { AnswerHandlers } from './answer.handlers.ts';
import { Attachments } from './attachments.ts';
import { ChangeRepository } from './change.repository.ts';
import { ClockRepository } from './clock.repository.ts';
import { ErasureRepository } from './erasure.repository.ts';
import { feedbackEnv } from './feedback.env.ts';
import { FeedbackHandlers } from './feedback.handlers.ts';
import { FeedbackReactions } from './feedback.reactions.ts';
import { FeedbackRepository } from './feedback.repository.ts';
import { FeedbackChanges } from './feedback-changes.ts';
import { FeedbackViews } from './feedback-views.ts';
import { MergeHandlers } from './merge.handlers.ts';
import { MergeRepository } from './merge.repository.ts';
import { PeopleRepository } from './people.repository.ts';
import { QueueRepository } from './queue.repository.ts';
import { QueueCountsRepository } from './queue-counts.repository.ts';
import { ResponseClock } from './response-clock.ts';
import { StaffHandlers } from './staff.handlers.ts';
import { StaffRepository } from './staff.repository.ts';
import { Submission } from './submission.ts';
import { VoiceHandlers } from './voice.handlers.ts';

@Module({
  imports: [
    ServiceModule.for({
      contract: feedbackApi,
      peers: [authApi, orderApi, productApi, storageApi],
      migrations,
      retention,
      bytes: StaffHandlers,
    }),
  ],
  controllers: [
    ...handlersOf(feedbackApi, [FeedbackHandlers, AnswerHandlers, VoiceHandlers, MergeHandlers, StaffHandlers]),
    ...reactionsOf('feedback', [authApi, notificationApi], FeedbackReactions),
  ],
  providers: [
    provideEnvironment(feedbackEnv),
    FeedbackRepository,
    QueueRepository,
    QueueCountsRepository,
    ChangeRepository,
    MergeRepository,
    PeopleRepository,
    StaffRepository,
    ErasureRepository,
    ClockRepository,
    ResponseClock,
    FeedbackChanges,
    FeedbackViews,
    Attachments,
    Submission,
  ],
})
export class FeedbackModule {}
