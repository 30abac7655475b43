import { Injectable } from '@nestjs/common';
import type { HoldReason } from '#libs/contracts/referral/views';
import type { Logger } from '#libs/observability/logger';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectLogger } from '#libs/runtime/core.module';
import { HoldRepository } from './hold.repository.ts';
import { referralHolds } from './referral.metrics.ts';
import { isOpen, type ReferralRow } from './referral.ts';

/** Reasons for a person to look at a referral first. To be called with it locked. */
@Injectable()
export class Doubts {
  constructor(
    private readonly holds: HoldRepository,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  /** Nothing where it has come to its end, or where the reason was approved before. */
  async raise(transaction: Transaction, referral: Pick<ReferralRow, 'id' | 'stage'>, reasons: readonly HoldReason[]): Promise<void> {
    if (!isOpen(referral) || reasons.length === 0) return;
    const fresh = await this.holds.add(transaction, referral.id, reasons);
    transaction.afterCommit(() => {
      for (const reason of fresh) referralHolds.inc({ reason });
      if (fresh.length > 0) this.logger.info({ referralId: referral.id, reasons: fresh }, 'referral.held');
    });
  }
}
