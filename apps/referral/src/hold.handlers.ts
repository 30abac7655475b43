import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import { type DecideHold, type ReferralHoldFilter, referralApi } from '#libs/contracts/referral/api';
import type { ReferralHold, ReferralHoldPage } from '#libs/contracts/referral/views';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectLogger } from '#libs/runtime/core.module';
import { HoldRepository } from './hold.repository.ts';
import { MemberRepository } from './member.repository.ts';
import { Progress } from './progress.ts';
import { ReferralRepository } from './referral.repository.ts';
import { isOpen } from './referral.ts';
import { Rewards } from './rewards.ts';
import { Tasks } from './tasks.ts';

/** Admins: referrals that were held, and what becomes of them. */
@Injectable()
export class HoldHandlers {
  constructor(
    private readonly database: Database,
    private readonly list: HoldRepository,
    private readonly referrals: ReferralRepository,
    private readonly members: MemberRepository,
    private readonly progress: Progress,
    private readonly rewards: Rewards,
    private readonly tasks: Tasks,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  holds(filter: ReferralHoldFilter): Promise<ReferralHoldPage> {
    return this.list.list(filter);
  }

  async decide({ id, decision, note }: DecideHold, call: Call): Promise<ReferralHold> {
    const { userId: by } = userOf(call);
    const known = await this.list.find(id);
    if (known === undefined) throw notFound();
    const status = decision === 'approve' ? 'approved' : 'rejected';
    return this.database.transaction(async (transaction) => {
      const referral = await this.referrals.lock(transaction, known.referralId);
      const hold = await this.found(transaction, id);
      if (hold.status === status) return hold;
      if (hold.status !== 'held') throw referralApi.refuse('referral.already_decided', `It was ${hold.status} before`);
      await this.list.decide(transaction, id, status, note, by);
      if (status === 'approved') await this.resume(transaction, hold);
      else if (isOpen(referral)) await this.rewards.end(transaction, referral, 'cancelled');
      transaction.afterCommit(() => this.logger.info({ holdId: id, referralId: referral.id, status, by }, 'referral.hold_decided'));
      return this.found(transaction, id);
    });
  }

  /** Goes on from where it would stand. */
  private async resume(transaction: Transaction, { referralId, refereeId }: ReferralHold): Promise<void> {
    await this.progress.follow(transaction, referralId);
    if ((await this.members.hold(transaction, refereeId)).is_verified) this.tasks.ask(transaction, 'welcome', referralId);
  }

  private async found(transaction: Transaction, id: string): Promise<ReferralHold> {
    const hold = await this.list.find(id, transaction);
    if (hold === undefined) throw notFound();
    return hold;
  }
}
