import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound, refuse } from '#libs/contracts/errors';
import type { ByToken, RegisterToken } from '#libs/contracts/notification/api';
import type { Device, DeviceList } from '#libs/contracts/notification/views';
import { DeviceRepository, type DeviceRow } from './device.repository.ts';

@Injectable()
export class DeviceHandlers {
  constructor(private readonly repository: DeviceRepository) {}

  async registerToken({ token, platform, deviceId }: RegisterToken, call: Call): Promise<Device> {
    const { userId, sessionId } = userOf(call);
    const device = await this.repository.register({ userId, sessionId, token, platform, deviceId });
    if (device === undefined) throw refuse('unauthenticated', 'This session has ended');
    return deviceOf(device);
  }

  async devices(_input: object, call: Call): Promise<DeviceList> {
    return { items: (await this.repository.of([userOf(call).userId])).map(deviceOf) };
  }

  async unregisterToken({ token }: ByToken, call: Call): Promise<void> {
    if (!(await this.repository.remove(userOf(call).userId, token))) throw notFound();
  }
}

export const deviceOf = ({ id, platform, device_id, created_at, last_seen_at }: DeviceRow): Device => ({
  ...{ id, platform, deviceId: device_id, createdAt: created_at.toISOString(), lastSeenAt: last_seen_at.toISOString() },
});
