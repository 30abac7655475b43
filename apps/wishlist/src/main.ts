import { runService } from '#libs/runtime/run-service';
import { wishlistEnv } from './wishlist.env.ts';
import { WishlistModule } from './wishlist.module.ts';

await runService('wishlist', WishlistModule, wishlistEnv);
