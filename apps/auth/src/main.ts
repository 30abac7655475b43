import { runService } from '#libs/runtime/run-service';
import { authEnv } from './auth.env.ts';
import { AuthModule } from './auth.module.ts';

await runService('auth', AuthModule, authEnv);
