import { runService } from '#libs/runtime/run-service';
import { orderEnv } from './order.env.ts';
import { OrderModule } from './order.module.ts';

await runService('order', OrderModule, orderEnv);
