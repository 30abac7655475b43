import { Injectable } from '@nestjs/common';
import type { Rewarded } from '#libs/contracts/referral/messages';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { Announcer } from './announcer.ts';
import { Links } from './links.ts';
import { rupees } from './texts/rupees.ts';

/** What referrers are given. */
@Injectable()
export class ReferralReactions {
  constructor(
    private readonly announcer: Announcer,
    private readonly links: Links,
  ) {}

  async onReferralRewarded(
    { userId, referralId, amount, couponCode = '', endsAt }: Rewarded,
    { transaction }: TransactionalDelivery,
  ): Promise<void> {
    const link = this.links.referral();
    const variables = { amount: rupees(amount), code: couponCode, ...(endsAt === undefined ? {} : { until: endsAt }), link };
    this.announcer.announce(transaction, { template: 'referral_reward', userId, variables, data: { referralId, link } });
  }
}
