import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type ReferralEnv, referralEnv } from './referral.env.ts';

/** Hashes of device ids, by which accounts of one device are known without its id being kept. */
@Injectable()
export class DeviceHashes {
  private readonly keys: readonly string[];

  constructor(@InjectEnvironment(referralEnv) env: ReferralEnv) {
    this.keys = [env.DEVICE_KEY, env.DEVICE_KEY_PREVIOUS].filter((key) => key !== undefined);
  }

  /** With each key, so that a device is still known that was seen before the key was changed. */
  of(deviceId: string): string[] {
    return this.keys.map((key) => createHmac('sha256', key).update(deviceId).digest('base64url'));
  }
}
