import { Module } from '@nestjs/common';
import { productApi } from '#libs/contracts/product/api';
import { wishlistApi } from '#libs/contracts/wishlist/api';
import { handlersOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/wishlist.migrations.ts';
import { retention } from '../migrations/wishlist.retention.ts';
import { Catalogue } from './catalogue.ts';
import { CollectionHandlers } from './collection.handlers.ts';
import { CollectionRepository } from './collection.repository.ts';
import { EntryHandlers } from './entry.handlers.ts';
import { EntryRepository } from './entry.repository.ts';
import { WisherRepository } from './wisher.repository.ts';

@Module({
  imports: [ServiceModule.for({ contract: wishlistApi, peers: [productApi], migrations, retention })],
  controllers: handlersOf(wishlistApi, [CollectionHandlers, EntryHandlers]),
  providers: [WisherRepository, CollectionRepository, EntryRepository, Catalogue],
})
export class WishlistModule {}
