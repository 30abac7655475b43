import { runService } from '#libs/runtime/run-service';
import { reviewEnv } from './review.env.ts';
import { ReviewModule } from './review.module.ts';

await runService('review', ReviewModule, reviewEnv);
