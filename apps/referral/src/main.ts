import { runService } from '#libs/runtime/run-service';
import { referralEnv } from './referral.env.ts';
import { ReferralModule } from './referral.module.ts';

await runService('referral', ReferralModule, referralEnv);
