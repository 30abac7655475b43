import { Injectable } from '@nestjs/common';
import { couponApi } from '#libs/contracts/coupon/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { Database } from '#libs/persistence/database';
import { LedgerRepository } from './ledger.repository.ts';
import { MemberRepository } from './member.repository.ts';
import { type Issued, ReferralRepository } from './referral.repository.ts';
import { RewardCouponRepository, type RewardCouponRow } from './reward-coupon.repository.ts';
import { Rewards } from './rewards.ts';
import type { Task } from './task.repository.ts';
import { Tasks } from './tasks.ts';

const DAY_MS = 86_400_000;
const WELCOME_DAYS = 30;
const REWARD_DAYS = 90;

/** Has coupons issued and withdrawn. Each has a name of its own, so that it is one however often it is asked for. */
@Injectable()
export class CouponTasks {
  constructor(
    private readonly database: Database,
    private readonly referrals: ReferralRepository,
    private readonly members: MemberRepository,
    private readonly ledger: LedgerRepository,
    private readonly coupons: RewardCouponRepository,
    private readonly rewards: Rewards,
    private readonly tasks: Tasks,
    @InjectPeer(couponApi) private readonly coupon: Peer<typeof couponApi>,
  ) {
    tasks.does('welcome', (task) => this.welcome(task));
    tasks.does('coupon', (task) => this.bring(task));
  }

  /** The friend's coupon is named after them: one in a life. A held referral has to be approved first. */
  private async welcome(task: Task): Promise<void> {
    const referral = await this.referrals.find(task.subject_id);
    const friend = referral === undefined ? undefined : await this.members.find(referral.referee_id);
    const isDue = referral !== undefined && referral.welcome_coupon_id === null && !referral.is_held && referral.stage !== 'cancelled';
    const issued =
      isDue && friend?.is_erased !== true
        ? await this.coupon.issue({
            ...{ issueId: referral.referee_id, userId: referral.referee_id, kind: 'fixed', value: referral.welcome_value },
            ...{ firstOrderOnly: true, endsAt: daysAhead(WELCOME_DAYS), cause: 'welcome' },
          })
        : undefined;
    await this.database.transaction(async (transaction) => {
      if (issued !== undefined) await this.referrals.noteWelcome(transaction, task.subject_id, issued);
      this.tasks.done(transaction, task);
    });
  }

  /** Brings a reward's coupon to where it should be. */
  private async bring(task: Task): Promise<void> {
    const row = await this.coupons.takeUp(task.subject_id);
    if (row?.state === 'due') await this.give(row);
    if (row?.state === 'withdrawing') await this.withdraw(row);
    await this.database.transaction(async (transaction) => this.tasks.done(transaction, task));
  }

  private async give(row: RewardCouponRow): Promise<void> {
    const issued = await this.issue(row);
    await this.database.transaction(async (transaction) => {
      if (!(await this.coupons.noteIssued(transaction, row.id, issued))) return;
      const reward = await this.ledger.find(transaction, row.entry_id);
      if (reward !== undefined) this.rewards.tell(transaction, reward, issued);
    });
  }

  /** Of one that was asked for and not noted, the name tells which it is. */
  private async withdraw(row: RewardCouponRow): Promise<void> {
    const couponId = row.coupon_id ?? (await this.noted(row)).couponId;
    const { used } = await this.coupon.withdraw({ couponId });
    await this.database.transaction(async (transaction) => {
      await this.members.hold(transaction, row.referrer_id);
      await this.coupons.noteWithdrawn(transaction, row.id, used ? 'used' : 'withdrawn');
      await this.rewards.settle(transaction, row.referrer_id);
    });
  }

  private async noted(row: RewardCouponRow): Promise<Issued> {
    const issued = await this.issue(row);
    await this.database.transaction(async (transaction) => {
      await this.coupons.noteIssued(transaction, row.id, issued);
    });
    return issued;
  }

  private issue({ id, referrer_id, amount }: RewardCouponRow): Promise<Issued> {
    return this.coupon.issue({
      ...{ issueId: id, userId: referrer_id, kind: 'fixed', value: amount },
      ...{ firstOrderOnly: false, endsAt: daysAhead(REWARD_DAYS), cause: 'reward' },
    });
  }
}

const daysAhead = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
