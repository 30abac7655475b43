import { runService } from '#libs/runtime/run-service';
import { chatEnv } from './chat.env.ts';
import { ChatModule } from './chat.module.ts';

await runService('chat', ChatModule, chatEnv);
