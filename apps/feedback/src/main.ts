import { runService } from '#libs/runtime/run-service';
import { feedbackEnv } from './feedback.env.ts';
import { FeedbackModule } from './feedback.module.ts';

await runService('feedback', FeedbackModule, feedbackEnv);
