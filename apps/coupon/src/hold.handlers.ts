import { Injectable } from '@nestjs/common';
import type { Basket, CouponsHeld, CouponsRedeemed, Discounts, HoldCoupons, Promotions } from '#libs/contracts/coupon/messages';
import type { ByOrder } from '#libs/contracts/page';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectLogger } from '#libs/runtime/core.module';
import { Rounds } from '#libs/runtime/rounds';
import { CouponRepository } from './coupon.repository.ts';
import { CouponJudge, discountsOf } from './coupon-judge.ts';
import { type Hold, HoldRepository } from './hold.repository.ts';

const SWEEP_MS = 15_000;
const SWEEP_BATCH = 100;

/** Undoes the transaction: the uses were free when they were judged and are taken as they are counted. */
class UsesGone extends Error {}

/**
 * Coupons for carts and orders. Each operation is idempotent by order id and safe in any order of arrival: the hold's state decides. The
 * same state machine for stock is product's `reservation.handlers.ts`; a fix in one is due in the other.
 */
@Injectable()
export class HoldHandlers {
  constructor(
    private readonly database: Database,
    private readonly coupons: CouponRepository,
    private readonly holds: HoldRepository,
    private readonly judge: CouponJudge,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    rounds.every('coupon.release_overdue', SWEEP_MS, () => this.sweep());
  }

  async promotions(): Promise<Promotions> {
    return { anyAutomatic: await this.coupons.anyPromotionLive() };
  }

  async evaluate(basket: Basket): Promise<Discounts> {
    return discountsOf(basket, await this.judge.judge(basket));
  }

  /** Keeps a refusal like a success: a repeat gets the first answer, whatever became free meanwhile. */
  async hold({ orderId, basket, lines, freeShipping, ttlSeconds }: HoldCoupons): Promise<CouponsHeld> {
    return this.database.transaction(async (transaction) => {
      const { userId } = basket;
      if (!(await this.holds.open(transaction, { orderId, userId, state: 'held', ttlSeconds }))) {
        const known = await this.holds.find(transaction, orderId);
        if (known?.state === 'held' || known?.state === 'redeemed') return { held: true, codeApplies: true };
        return known?.refusal ?? { held: false, codeApplies: false };
      }
      const judgement = await this.judge.judge(basket, { queries: transaction, orderId });
      const { uses } = judgement.evaluation;
      const now = discountsOf(basket, judgement);
      const codeApplies = basket.code === undefined || now.code === 'applied';
      const isAsPriced =
        now.freeShipping === freeShipping &&
        now.lines.length === lines.length &&
        now.lines.every(({ variantId, discount }, index) => variantId === lines[index]?.variantId && discount === lines[index]?.discount);
      if (!codeApplies || !isAsPriced) {
        const refusal: CouponsHeld = { held: false, codeApplies, now };
        await this.holds.refuse(transaction, orderId, refusal);
        this.holds.report(transaction, orderId, 'refused');
        return refusal;
      }
      const isFirstOrder = uses.some(({ coupon }) => coupon.rules.firstOrderOnly === true);
      // The rows are locked and were judged, so there is room.
      if (!(await this.holds.use(transaction, orderId, uses, isFirstOrder))) throw new Error('a coupon that was judged has no room');
      this.holds.report(transaction, orderId, 'held');
      return { held: true, codeApplies: true };
    });
  }

  async commit({ orderId }: ByOrder): Promise<CouponsRedeemed> {
    try {
      return await this.database.transaction(async (transaction) => {
        const hold = await this.holds.find(transaction, orderId);
        if (hold?.state === 'released') return { redeemed: await this.takeAgain(transaction, orderId, hold) };
        if (hold?.state === 'held') {
          await this.holds.move(transaction, orderId, ['held'], 'redeemed');
          this.holds.report(transaction, orderId, 'redeemed');
        }
        return { redeemed: hold?.state === 'held' || hold?.state === 'redeemed' };
      });
    } catch (error) {
      if (!(error instanceof UsesGone) && !isUniqueViolation(error, 'one_first_order_each')) throw error;
      // The money goes back now, so this is final, unless a repeat that committed meanwhile has found room.
      return this.database.transaction(async (transaction) => {
        const hold = await this.holds.find(transaction, orderId);
        if (hold?.state === 'released') await this.holds.refuse(transaction, orderId, { held: false, codeApplies: false });
        return { redeemed: hold?.state === 'redeemed' };
      });
    }
  }

  async release({ orderId }: ByOrder): Promise<void> {
    await this.database.transaction((transaction) => this.holds.release(transaction, orderId));
  }

  /** Releases the holds of orders that did not do it themselves in time. */
  async sweep(): Promise<void> {
    for (const orderId of await this.holds.overdue(SWEEP_BATCH)) {
      await this.release({ orderId });
      this.logger.warn({ orderId }, 'coupons.overdue_released');
    }
  }

  /** Takes the uses of an order again, whose money came after they were given back. */
  private async takeAgain(transaction: Transaction, orderId: string, { isFirstOrder, userId }: Hold): Promise<boolean> {
    if (!(await this.holds.hasUses(transaction, orderId))) return false;
    if (isFirstOrder && userId !== null && !(await this.holds.customer(userId, [], orderId, transaction, true)).isFirstOrder)
      throw new UsesGone();
    await this.holds.move(transaction, orderId, ['released'], 'redeemed');
    if (!(await this.holds.count(transaction, orderId))) throw new UsesGone();
    this.holds.report(transaction, orderId, 'redeemed');
    return true;
  }
}
