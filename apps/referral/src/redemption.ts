import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { Person } from '#libs/contracts/auth/messages';
import { refuse } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import { referralApi } from '#libs/contracts/referral/api';
import type { HoldReason } from '#libs/contracts/referral/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Logger } from '#libs/observability/logger';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { DeviceRepository } from './device.repository.ts';
import { Doubts } from './doubts.ts';
import { MemberRepository } from './member.repository.ts';
import { type ReferralEnv, referralEnv } from './referral.env.ts';
import { referralsJoined } from './referral.metrics.ts';
import { ReferralRepository } from './referral.repository.ts';
import type { ReferralRow } from './referral.ts';
import { Tasks } from './tasks.ts';

export interface Join {
  readonly userId: string;
  /** Undefined where nobody has that code. */
  readonly referrerId: string | undefined;
  readonly at: string;
  /** Of the device that the request came from. */
  readonly deviceHashes: readonly string[];
  /** With the registration: no order can have been before it. */
  readonly isSignup: boolean;
}

/** A join that others have said all they know about. */
export interface KnownJoin extends Join {
  readonly referrerId: string;
  readonly isVerified: boolean;
  readonly isSelf: boolean;
  readonly isNew: boolean;
}

/** One user joins by the code of another, once for life. */
@Injectable()
export class Redemption {
  constructor(
    private readonly members: MemberRepository,
    private readonly devices: DeviceRepository,
    private readonly referrals: ReferralRepository,
    private readonly doubts: Doubts,
    private readonly tasks: Tasks,
    @InjectPeer(authApi) private readonly auth: Peer<typeof authApi>,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
    @InjectEnvironment(referralEnv) private readonly env: ReferralEnv,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  /** Asks auth and order. @throws referral.not_valid, referral.self */
  async ask(join: Join): Promise<KnownJoin> {
    const { userId, referrerId } = join;
    if (referrerId === undefined) throw notValid();
    if (referrerId === userId) throw self();
    const [people, contact, facts] = await Promise.all([
      this.auth.people({ userIds: [userId, referrerId] }),
      this.auth.sameContact({ userId, otherId: referrerId }),
      join.isSignup ? { items: [] } : this.order.factsOf({ userId }),
    ]);
    const person = (id: string): Person | undefined => people.items.find((one) => one.userId === id);
    const [caller, referrer] = [person(userId), person(referrerId)];
    if (caller === undefined) throw refuse('unauthenticated');
    if (referrer === undefined || referrer.disabled) throw notValid();
    const ageMs = Date.parse(join.at) - Date.parse(caller.createdAt);
    const isNew = facts.items.length === 0 && ageMs <= this.env.REFERRAL_WINDOW_SECONDS * 1_000;
    return { ...join, referrerId, isVerified: caller.verified, isSelf: contact.same, isNew };
  }

  /** Keeps the join, unless something refuses it, in this order. @throws referral.not_valid, self, already_redeemed, not_new */
  async keep(transaction: Transaction, id: string, join: KnownJoin): Promise<ReferralRow> {
    const { userId, referrerId, at } = join;
    await this.referrals.takeTurns(transaction);
    const caller = await this.members.hold(transaction, userId);
    if (caller.is_erased) throw refuse('unauthenticated');
    const referrer = await this.members.hold(transaction, referrerId);
    if (referrer.is_disabled || referrer.is_erased) throw notValid();
    await this.devices.note(transaction, userId, join.deviceHashes, at);
    if (join.isSelf || (await this.devices.isShared(transaction, userId, referrerId))) throw self();
    if ((await this.referrals.ofReferee(userId, transaction)) !== undefined)
      throw referralApi.refuse('referral.already_redeemed', 'You have redeemed a code before');
    if (!join.isNew) throw referralApi.refuse('referral.not_new', 'Codes are for new customers');
    const reasons = await this.reasonsToHold(transaction, join);
    const referral = await this.referrals.insert(transaction, {
      ...{ id, referrerId, refereeId: userId, joinedAt: at, welcomeValue: this.env.REFERRAL_WELCOME },
    });
    await this.doubts.raise(transaction, referral, reasons);
    if (join.isVerified) await this.members.verify(transaction, userId, at);
    // Orders that were confirmed meanwhile, of which nobody here has kept anything.
    this.tasks.ask(transaction, 'facts', id);
    if (reasons.length === 0 && (join.isVerified || caller.is_verified)) this.tasks.ask(transaction, 'welcome', id);
    transaction.afterCommit(() => {
      referralsJoined.inc({ held: String(reasons.length > 0) });
      this.logger.info({ referralId: id, referrerId, holds: reasons }, 'referral.joined');
    });
    return { ...referral, is_held: reasons.length > 0 };
  }

  private async reasonsToHold(transaction: Transaction, { userId, referrerId, at }: KnownJoin): Promise<HoldReason[]> {
    const isRing = await this.referrals.descends(transaction, referrerId, userId);
    const isCrowd = (await this.devices.crowdAround(transaction, userId)).includes(userId);
    const isRush = (await this.referrals.joinsOnDayOf(transaction, referrerId, at)) >= this.env.REFERRAL_HOLD_PER_DAY;
    return [
      ...(isRing ? (['ring'] as const) : []),
      ...(isCrowd ? (['shared_device'] as const) : []),
      ...(isRush ? (['velocity'] as const) : []),
    ];
  }
}

const notValid = () => referralApi.refuse('referral.not_valid', 'This code is not valid');
const self = () => referralApi.refuse('referral.self', 'The code of another person is needed');
