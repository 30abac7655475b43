import { runService } from '#libs/runtime/run-service';
import { notificationEnv } from './notification.env.ts';
import { NotificationModule } from './notification.module.ts';

await runService('notification', NotificationModule, notificationEnv);
