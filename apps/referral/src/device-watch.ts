import { Injectable } from '@nestjs/common';
import type { DeviceSeen } from '#libs/contracts/auth/messages';
import type { Transaction } from '#libs/persistence/transaction';
import { DeviceRepository } from './device.repository.ts';
import { DeviceHashes } from './device-hashes.ts';
import { Doubts } from './doubts.ts';
import { MemberRepository } from './member.repository.ts';
import { ReferralRepository } from './referral.repository.ts';

/** Notices when many accounts are used on one device. */
@Injectable()
export class DeviceWatch {
  constructor(
    private readonly hashes: DeviceHashes,
    private readonly devices: DeviceRepository,
    private readonly members: MemberRepository,
    private readonly referrals: ReferralRepository,
    private readonly doubts: Doubts,
  ) {}

  async note(transaction: Transaction, { userId, deviceId, at }: DeviceSeen): Promise<void> {
    await this.referrals.takeTurns(transaction);
    if ((await this.members.find(userId, transaction))?.is_erased === true) return;
    await this.devices.note(transaction, userId, this.hashes.of(deviceId), at);
    // News may come late, so that another account turns out to be the third.
    const crowd = await this.devices.crowdAround(transaction, userId);
    for (const referral of await this.referrals.lockOfReferees(transaction, crowd))
      await this.doubts.raise(transaction, referral, ['shared_device']);
  }
}
