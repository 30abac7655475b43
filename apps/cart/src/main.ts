import { runService } from '#libs/runtime/run-service';
import { cartEnv } from './cart.env.ts';
import { CartModule } from './cart.module.ts';

await runService('cart', CartModule, cartEnv);
