import { runService } from '#libs/runtime/run-service';
import { paymentEnv } from './payment.env.ts';
import { PaymentModule } from './payment.module.ts';

await runService('payment', PaymentModule, paymentEnv);
