import { Injectable } from '@nestjs/common';
import type { AccountChanged, AccountErased, ContactVerified, DeviceSeen, Registered } from '#libs/contracts/auth/messages';
import type { OrderChanged } from '#libs/contracts/order/messages';
import type { InTransaction, TransactionalDelivery } from '#libs/runtime/handlers';
import { DeviceHashes } from './device-hashes.ts';
import { DeviceWatch } from './device-watch.ts';
import { ErasureRepository } from './erasure.repository.ts';
import { MemberRepository } from './member.repository.ts';
import { Progress } from './progress.ts';
import { ReferralRepository } from './referral.repository.ts';
import { Rewards } from './rewards.ts';
import type { Signup } from './signups.ts';
import { Tasks } from './tasks.ts';

@Injectable()
export class ReferralReactions {
  constructor(
    private readonly members: MemberRepository,
    private readonly referrals: ReferralRepository,
    private readonly devices: DeviceWatch,
    private readonly hashes: DeviceHashes,
    private readonly progress: Progress,
    private readonly rewards: Rewards,
    private readonly tasks: Tasks,
    private readonly erasure: ErasureRepository,
  ) {}

  /** The code that came with a registration is redeemed as soon as others can be asked. */
  async onAuthRegistered(registered: Registered, { transaction }: TransactionalDelivery): Promise<void> {
    const { userId, referralCode, deviceId, at } = registered;
    if (referralCode === undefined || (await this.members.hold(transaction, userId)).is_erased) return;
    const signup: Signup = { code: referralCode, at, deviceHashes: deviceId === undefined ? [] : this.hashes.of(deviceId) };
    this.tasks.ask(transaction, 'signup', userId, { about: JSON.stringify(signup) });
  }

  /** A welcome coupon may wait for it. */
  async onAuthContactVerified({ userId, at }: ContactVerified, { transaction }: TransactionalDelivery): Promise<void> {
    await this.members.verify(transaction, userId, at);
    const referral = await this.referrals.ofReferee(userId, transaction);
    if (referral !== undefined && referral.welcome_coupon_id === null) this.tasks.ask(transaction, 'welcome', referral.id);
  }

  onAuthDeviceSeen(seen: DeviceSeen, { transaction }: TransactionalDelivery): Promise<void> {
    return this.devices.note(transaction, seen);
  }

  onAuthAccountChanged(account: AccountChanged, { transaction }: TransactionalDelivery): Promise<void> {
    return this.members.change(transaction, account);
  }

  /** Of a referrer nothing more is earned; of a friend the referral stays as it is, without a name. */
  async onAuthErased({ userId }: AccountErased, { transaction }: TransactionalDelivery): Promise<void> {
    await this.referrals.takeTurns(transaction);
    const open = await this.referrals.lockOpenOfReferrer(transaction, userId);
    await this.members.erase(transaction, userId);
    for (const referral of open) await this.rewards.end(transaction, referral, 'cancelled');
    await this.erasure.forget(transaction, userId);
  }

  async onOrderChanged(changes: readonly OrderChanged[], { transaction }: InTransaction): Promise<void> {
    const byUser = Map.groupBy(changes, ({ userId }) => userId);
    const referrals = await this.referrals.lockOfReferees(transaction, [...byUser.keys()]);
    // Before the budget, which every reversal changes: one that waits for a referrer must not have it.
    const rewarded = referrals.filter(({ stage }) => stage === 'rewarded').map(({ referrer_id }) => referrer_id);
    for (const referrerId of [...new Set(rewarded)].sort()) await this.members.hold(transaction, referrerId);
    for (const { id, referee_id } of referrals) await this.progress.note(transaction, id, byUser.get(referee_id) ?? []);
  }
}
