import { runService } from '#libs/runtime/run-service';
import { ProductModule } from './product.module.ts';

await runService('product', ProductModule);
