import { Injectable } from '@nestjs/common';
import { referralApi } from '#libs/contracts/referral/api';
import type { Logger } from '#libs/observability/logger';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { type Entry, LedgerRepository, type Limits } from './ledger.repository.ts';
import { MemberRepository } from './member.repository.ts';
import { type ReferralEnv, referralEnv } from './referral.env.ts';
import { referralsEnded } from './referral.metrics.ts';
import { ReferralRepository } from './referral.repository.ts';
import type { ReferralRow } from './referral.ts';
import { RewardCouponRepository } from './reward-coupon.repository.ts';
import { Tasks } from './tasks.ts';

/** Ends referrals, with a reward or without, and takes rewards back. To be called with the referral locked. */
@Injectable()
export class Rewards {
  private readonly limits: Limits;
  private readonly amount: number;

  constructor(
    private readonly referrals: ReferralRepository,
    private readonly members: MemberRepository,
    private readonly ledger: LedgerRepository,
    private readonly coupons: RewardCouponRepository,
    private readonly tasks: Tasks,
    @InjectEnvironment(referralEnv) env: ReferralEnv,
    @InjectLogger() private readonly logger: Logger,
  ) {
    this.limits = { cap: env.REFERRAL_CAP, budget: env.REFERRAL_BUDGET };
    this.amount = env.REFERRAL_REWARD;
  }

  /** A reward that does not fit the limits whole is capped; a referrer who may not earn gets none, for good. `mayEarn`: by what auth says now. */
  async vest(transaction: Transaction, referral: ReferralRow, mayEarn: boolean): Promise<void> {
    const referrer = await this.members.hold(transaction, referral.referrer_id);
    if (!mayEarn || referrer.is_disabled || referrer.is_erased) return this.end(transaction, referral, 'cancelled');
    if (!(await this.ledger.takeRoom(transaction, referral.referrer_id, this.amount, this.limits)))
      return this.end(transaction, referral, 'capped');
    await this.ledger.reward(transaction, referral, this.amount);
    await this.end(transaction, referral, 'rewarded');
    const { referrer_id, id: referral_id } = referral;
    if (!(await this.settle(transaction, referrer_id))) this.tell(transaction, { referrer_id, referral_id, amount: this.amount });
  }

  /** The friend gave the goods back after the reward: once, whatever comes twice. */
  async reverse(transaction: Transaction, referral: ReferralRow): Promise<void> {
    await this.members.hold(transaction, referral.referrer_id);
    const reward = await this.ledger.reverse(transaction, referral.id);
    if (reward === undefined) return;
    await this.end(transaction, referral, 'cancelled');
    for (const couponId of await this.coupons.revoke(transaction, reward.id)) this.tasks.ask(transaction, 'coupon', couponId);
    await this.settle(transaction, referral.referrer_id);
  }

  async end(transaction: Transaction, { id, referrer_id }: ReferralRow, stage: 'rewarded' | 'capped' | 'cancelled'): Promise<void> {
    await this.referrals.end(transaction, id, stage);
    transaction.afterCommit(() => {
      referralsEnded.inc({ stage });
      this.logger.info({ referralId: id, referrerId: referrer_id, stage }, 'referral.ended');
    });
  }

  /** Owes the referrer a coupon for what is above nothing. True where there is one. An erased one earns no more. */
  async settle(transaction: Transaction, referrerId: string): Promise<boolean> {
    const { is_erased } = await this.members.hold(transaction, referrerId);
    if (is_erased) return false;
    const balance = await this.ledger.balance(transaction, referrerId);
    const reward = balance > 0 ? await this.ledger.newestReward(transaction, referrerId) : undefined;
    if (reward === undefined) return false;
    this.tasks.ask(transaction, 'coupon', await this.coupons.owe(transaction, reward, balance));
    return true;
  }

  /** Without a coupon: what was taken back before has come off the reward. */
  tell(transaction: Transaction, { referrer_id, referral_id, amount }: Omit<Entry, 'id'>, coupon?: { code: string; endsAt: string }): void {
    transaction.publish(referralApi.events.rewarded, {
      ...{ userId: referrer_id, referralId: referral_id, amount },
      ...(coupon === undefined ? {} : { couponCode: coupon.code, endsAt: coupon.endsAt }),
    });
  }
}
