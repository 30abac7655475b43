import { Module } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { cartApi } from '#libs/contracts/cart/api';
import { productApi } from '#libs/contracts/product/api';
import { wishlistApi } from '#libs/contracts/wishlist/api';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/wishlist.migrations.ts';
import { retention } from '../migrations/wishlist.retention.ts';
import { AlertHandlers } from './alert.handlers.ts';
import { AlertRepository } from './alert.repository.ts';
import { AlertChecks } from './alert-checks.ts';
import { CartMoveHandlers } from './cart-move.handlers.ts';
import { CartMoveRepository } from './cart-move.repository.ts';
import { CartMoves } from './cart-moves.ts';
import { Catalogue } from './catalogue.ts';
import { CollectionHandlers } from './collection.handlers.ts';
import { CollectionRepository } from './collection.repository.ts';
import { EntryHandlers } from './entry.handlers.ts';
import { EntryRepository } from './entry.repository.ts';
import { ExportHandlers } from './export.handlers.ts';
import { ExportRepository } from './export.repository.ts';
import { WisherRepository } from './wisher.repository.ts';
import { WishlistReactions } from './wishlist.reactions.ts';

@Module({
  imports: [ServiceModule.for({ contract: wishlistApi, peers: [productApi, cartApi], migrations, retention })],
  controllers: [
    ...handlersOf(wishlistApi, [CollectionHandlers, EntryHandlers, CartMoveHandlers, AlertHandlers, ExportHandlers]),
    ...reactionsOf('wishlist', [productApi, authApi], WishlistReactions),
  ],
  providers: [
    WisherRepository,
    CollectionRepository,
    EntryRepository,
    CartMoveRepository,
    CartMoves,
    AlertRepository,
    AlertChecks,
    ExportRepository,
    Catalogue,
  ],
})
export class WishlistModule {}
