import { Module } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { chatApi } from '#libs/contracts/chat/api';
import { feedbackApi } from '#libs/contracts/feedback/api';
import { productApi } from '#libs/contracts/product/api';
import { reviewApi } from '#libs/contracts/review/api';
import { storageApi } from '#libs/contracts/storage/api';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/storage.migrations.ts';
import { retention } from '../migrations/storage.retention.ts';
import { AccountRepository } from './account.repository.ts';
import { AnswerRepository } from './answer.repository.ts';
import { BlobRepository } from './blob.repository.ts';
import { BytesHandlers } from './bytes.handlers.ts';
import { Cleaner } from './cleaner.ts';
import { FileHandlers } from './file.handlers.ts';
import { FileRepository } from './file.repository.ts';
import { FileViews } from './file-view.ts';
import { HeldHandlers } from './held.handlers.ts';
import { HolderRepository } from './holder.repository.ts';
import { Intake } from './intake.ts';
import { LeftoverRepository } from './leftover.repository.ts';
import { Links } from './links.ts';
import { Pictures } from './picture/pictures.ts';
import { Renditions } from './picture/renditions.ts';
import { Spool } from './spool.ts';
import { storageEnv } from './storage.env.ts';
import { StorageReactions } from './storage.reactions.ts';
import { objectStoreProvider, StoreHealth } from './store/store.provider.ts';
import { UploadHandlers } from './upload.handlers.ts';
import { UploadRepository } from './upload.repository.ts';
import { UploadParts } from './upload-parts.ts';
import { UsageRepository } from './usage.repository.ts';

@Module({
  imports: [ServiceModule.for({ contract: storageApi, migrations, retention, bytes: BytesHandlers })],
  controllers: [
    ...handlersOf(storageApi, [BytesHandlers, FileHandlers, UploadHandlers, HeldHandlers]),
    ...reactionsOf('storage', [authApi, chatApi, feedbackApi, productApi, reviewApi], StorageReactions),
  ],
  providers: [
    provideEnvironment(storageEnv),
    objectStoreProvider,
    StoreHealth,
    Links,
    Spool,
    Pictures,
    Renditions,
    Intake,
    FileViews,
    UploadParts,
    Cleaner,
    AccountRepository,
    AnswerRepository,
    BlobRepository,
    FileRepository,
    HolderRepository,
    LeftoverRepository,
    UploadRepository,
    UsageRepository,
  ],
})
export class StorageModule {}
