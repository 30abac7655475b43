import { Injectable } from '@nestjs/common';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type CrashPoint, type OrderEnv, orderEnv } from '../order.env.ts';

/** Ends this process where a test wants it to end; see ORDER_CRASH_AT. */
@Injectable()
export class CrashPoints {
  constructor(@InjectEnvironment(orderEnv) private readonly env: OrderEnv) {}

  at(point: CrashPoint): void {
    if (this.env.ORDER_CRASH_AT === point) process.kill(process.pid, 'SIGKILL');
  }
}
