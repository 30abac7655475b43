import { Injectable } from '@nestjs/common';
import { couponApi } from '#libs/contracts/coupon/api';
import type { CouponToIssue, CouponToWithdraw, CouponWithdrawn, IssuedCoupon } from '#libs/contracts/coupon/messages';
import { notFound } from '#libs/contracts/errors';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import { InjectLogger } from '#libs/runtime/core.module';
import { CouponRepository } from './coupon.repository.ts';
import { type CouponRow, randomCode } from './coupon.ts';

/** Coupons that another service gives to one user. The id that it asks with is the coupon's, so there is one however often it asks. */
@Injectable()
export class IssuingHandlers {
  constructor(
    private readonly database: Database,
    private readonly coupons: CouponRepository,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  async issue(asked: CouponToIssue): Promise<IssuedCoupon> {
    const { issueId, userId, kind, value, minSubtotal, firstOrderOnly, endsAt, cause } = asked;
    const rules = { ...(minSubtotal !== undefined && { minSubtotal }), ...(firstOrderOnly && { firstOrderOnly }) };
    const made = await this.database.transaction(async (transaction) => {
      const row = await this.coupons.issue(transaction, issueId, { code: randomCode(), kind, value, rules, userId, endsAt });
      if (row !== undefined && cause === 'welcome')
        transaction.publish(couponApi.events.issued, { ...issuedOf(row), userIds: [userId], cause });
      return row;
    });
    if (made !== undefined) {
      this.logger.info({ couponId: made.id, userId, cause }, 'coupon.issued');
      return issuedOf(made);
    }
    return issuedOf(await this.get(issueId));
  }

  async withdraw({ couponId }: CouponToWithdraw): Promise<CouponWithdrawn> {
    await this.coupons.withdrawUnused(couponId);
    const { withdrawn_at, uses } = await this.get(couponId);
    // Used, and then withdrawn by an admin, is used.
    const used = withdrawn_at === null || uses > 0;
    if (!used) this.logger.info({ couponId }, 'coupon.withdrawn');
    return { used };
  }

  private async get(id: string): Promise<CouponRow> {
    const row = await this.coupons.find(id);
    if (row === undefined) throw notFound();
    return row;
  }
}

const issuedOf = ({ id, code, ends_at }: CouponRow): IssuedCoupon => ({ couponId: id, code, endsAt: ends_at.toISOString() });
