import { Module } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import { reviewApi } from '#libs/contracts/review/api';
import { storageApi } from '#libs/contracts/storage/api';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/review.migrations.ts';
import { retention } from '../migrations/review.retention.ts';
import { AuthorRepository } from './author.repository.ts';
import { ErasureRepository } from './erasure.repository.ts';
import { ExportHandlers } from './export.handlers.ts';
import { ModerationHandlers } from './moderation.handlers.ts';
import { ModerationRepository } from './moderation.repository.ts';
import { Pictures } from './pictures.ts';
import { ProductReviewsRepository } from './product-reviews.repository.ts';
import { PurchaseRepository } from './purchase.repository.ts';
import { RequestHandlers } from './request.handlers.ts';
import { reviewEnv } from './review.env.ts';
import { ReviewHandlers } from './review.handlers.ts';
import { ReviewReactions } from './review.reactions.ts';
import { ReviewRepository } from './review.repository.ts';
import { ReviewNews } from './review-news.ts';
import { ReviewViews } from './review-views.ts';
import { VoiceHandlers } from './voice.handlers.ts';
import { VoiceRepository } from './voice.repository.ts';
import { Waiting } from './waiting.ts';

@Module({
  imports: [ServiceModule.for({ contract: reviewApi, peers: [authApi, orderApi, productApi, storageApi], migrations, retention })],
  controllers: [
    ...handlersOf(reviewApi, [ReviewHandlers, VoiceHandlers, ModerationHandlers, RequestHandlers, ExportHandlers]),
    ...reactionsOf('review', [authApi, orderApi], ReviewReactions),
  ],
  providers: [
    provideEnvironment(reviewEnv),
    AuthorRepository,
    ErasureRepository,
    ModerationRepository,
    Pictures,
    ProductReviewsRepository,
    PurchaseRepository,
    ReviewNews,
    ReviewRepository,
    ReviewViews,
    VoiceRepository,
    Waiting,
  ],
})
export class ReviewModule {}
