import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { authApi } from '#libs/contracts/auth/api';
import { cartApi } from '#libs/contracts/cart/api';
import { chatApi } from '#libs/contracts/chat/api';
import { couponApi } from '#libs/contracts/coupon/api';
import { feedbackApi } from '#libs/contracts/feedback/api';
import { notificationApi } from '#libs/contracts/notification/api';
import { orderApi } from '#libs/contracts/order/api';
import { paymentApi } from '#libs/contracts/payment/api';
import { referralApi } from '#libs/contracts/referral/api';
import { reviewApi } from '#libs/contracts/review/api';
import { wishlistApi } from '#libs/contracts/wishlist/api';
import { commandConnection } from '#libs/messaging/redis';
import { SecretTexts } from '#libs/messaging/secret-texts';
import type { Logger } from '#libs/observability/logger';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { LOGGER, SETTINGS } from '#libs/runtime/core.module';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { Readiness } from '#libs/runtime/probes';
import { ServiceModule } from '#libs/runtime/service.module';
import { redisPlace, type Settings } from '#libs/runtime/settings';
import { migrations } from '../migrations/notification.migrations.ts';
import { retention } from '../migrations/notification.retention.ts';
import { Announcer } from './announcer.ts';
import { CampaignHandlers } from './campaigns/campaign.handlers.ts';
import { CampaignRepository } from './campaigns/campaign.repository.ts';
import { CampaignWorker } from './campaigns/campaign-worker.ts';
import { ChatReactions } from './chat.reactions.ts';
import { ChatTellingRepository } from './chat-telling.repository.ts';
import { Carriers } from './delivery/carriers.ts';
import { Composer } from './delivery/composer.ts';
import { Couriers } from './delivery/couriers.ts';
import { DeliveryHandlers } from './delivery/delivery.handlers.ts';
import { Filing } from './delivery/filing.ts';
import { HandOver } from './delivery/hand-over.ts';
import { InboxCarrier, LIMITS_REDIS } from './delivery/inbox-carrier.ts';
import { Judge } from './delivery/judge.ts';
import { LaneRepository } from './delivery/lane.repository.ts';
import { LaneMeasurements } from './delivery/lane-measurements.ts';
import { OutgoingRepository } from './delivery/outgoing.repository.ts';
import { Receipts } from './delivery/receipts.ts';
import { Relevance } from './delivery/relevance.ts';
import { ExportHandlers } from './feed/export.handlers.ts';
import { FeedHandlers } from './feed/feed.handlers.ts';
import { FeedCarrier } from './feed/feed-carrier.ts';
import { ListDigestRepository } from './feed/list-digest.repository.ts';
import { ListDigests } from './feed/list-digests.ts';
import { UnreadCounts } from './feed/unread-counts.ts';
import { UnreadVersionRepository } from './feed/unread-version.repository.ts';
import { FeedbackReactions } from './feedback.reactions.ts';
import { Links } from './links.ts';
import { notificationEnv } from './notification.env.ts';
import { NotificationReactions } from './notification.reactions.ts';
import { DeviceHandlers } from './reach/device.handlers.ts';
import { DeviceRepository } from './reach/device.repository.ts';
import { Eraser } from './reach/eraser.ts';
import { ErasureRepository } from './reach/erasure.repository.ts';
import { LinkKeyRepository } from './reach/link-key.repository.ts';
import { PreferenceHandlers } from './reach/preference.handlers.ts';
import { PreferenceRepository } from './reach/preference.repository.ts';
import { PreferenceChanges } from './reach/preference-changes.ts';
import { PromotionCapRepository } from './reach/promotion-cap.repository.ts';
import { ReceiptHandlers } from './reach/receipt.handlers.ts';
import { SuppressionHandlers } from './reach/suppression.handlers.ts';
import { SuppressionRepository } from './reach/suppression.repository.ts';
import { UnsubscribeHandlers } from './reach/unsubscribe.handlers.ts';
import { UnsubscribeLinks } from './reach/unsubscribe-links.ts';
import { ReferralReactions } from './referral.reactions.ts';
import { ReviewReactions } from './review.reactions.ts';
import { StoreModule } from './store/store.module.ts';
import { TextHandlers } from './texts/text.handlers.ts';
import { TextRepository } from './texts/text.repository.ts';
import { Texts } from './texts/texts.ts';
import { WishlistReactions } from './wishlist.reactions.ts';

@Module({
  imports: [
    ServiceModule.for({
      contract: notificationApi,
      peers: [authApi, orderApi, cartApi, reviewApi, wishlistApi, feedbackApi, chatApi],
      migrations,
      retention,
      bytes: UnsubscribeHandlers,
    }),
    StoreModule,
  ],
  controllers: [
    ...handlersOf(notificationApi, [
      FeedHandlers,
      ExportHandlers,
      PreferenceHandlers,
      DeviceHandlers,
      UnsubscribeHandlers,
      DeliveryHandlers,
      SuppressionHandlers,
      TextHandlers,
      ReceiptHandlers,
      CampaignHandlers,
    ]),
    ...reactionsOf('notification', [authApi, cartApi, couponApi, orderApi, paymentApi], NotificationReactions),
    ...reactionsOf('notification', [chatApi], ChatReactions),
    ...reactionsOf('notification', [feedbackApi], FeedbackReactions),
    ...reactionsOf('notification', [referralApi], ReferralReactions),
    ...reactionsOf('notification', [reviewApi], ReviewReactions),
    ...reactionsOf('notification', [wishlistApi], WishlistReactions),
  ],
  providers: [
    provideEnvironment(notificationEnv),
    {
      provide: LIMITS_REDIS,
      inject: [SETTINGS, LOGGER, Readiness],
      useFactory: (values: Settings, logger: Logger, readiness: Readiness): Redis => {
        const place = redisPlace(values, 'limits');
        const redis = commandConnection(place, (error) => logger.warn({ reason: error.message, role: 'limits' }, 'redis.error'));
        readiness.watch({ name: 'redis-limits', isUp: () => redis.status === 'ready' });
        return redis;
      },
    },
    {
      provide: SecretTexts,
      inject: [SETTINGS],
      useFactory: ({ BUS_SECRET, BUS_SECRET_PREVIOUS }: Settings) =>
        new SecretTexts({ present: BUS_SECRET, previous: BUS_SECRET_PREVIOUS }),
    },
    OutgoingRepository,
    LaneRepository,
    LaneMeasurements,
    ChatTellingRepository,
    UnreadVersionRepository,
    UnreadCounts,
    Links,
    Texts,
    Composer,
    Judge,
    HandOver,
    LinkKeyRepository,
    ErasureRepository,
    Eraser,
    UnsubscribeLinks,
    TextRepository,
    CampaignRepository,
    CampaignWorker,
    Receipts,
    Relevance,
    PreferenceRepository,
    PreferenceChanges,
    DeviceRepository,
    SuppressionRepository,
    PromotionCapRepository,
    ListDigestRepository,
    ListDigests,
    FeedCarrier,
    InboxCarrier,
    Carriers,
    Couriers,
    Filing,
    Announcer,
  ],
})
export class NotificationModule implements OnApplicationShutdown {
  constructor(@Inject(LIMITS_REDIS) private readonly redis: Redis) {}

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
