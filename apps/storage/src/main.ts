import { runService } from '#libs/runtime/run-service';
import { storageEnv } from './storage.env.ts';
import { StorageModule } from './storage.module.ts';

await runService('storage', StorageModule, storageEnv);
