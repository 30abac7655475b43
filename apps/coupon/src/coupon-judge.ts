import { Injectable } from '@nestjs/common';
import type { Basket, Discounts } from '#libs/contracts/coupon/messages';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { CouponRepository } from './coupon.repository.ts';
import { type CouponRow, normalised } from './coupon.ts';
import { type Evaluation, evaluate } from './coupon-engine.ts';
import { HoldRepository } from './hold.repository.ts';

export interface Judgement {
  readonly evaluation: Evaluation;
  /** The code's coupon, where there is one. */
  readonly code: CouponRow | undefined;
}

/** The order and the transaction that a judgement is made for, which then counts the uses; the coupons are locked. */
export interface HoldContext {
  readonly queries: Queries;
  readonly orderId: string;
}

/** Reads what the engine needs and asks it. */
@Injectable()
export class CouponJudge {
  constructor(
    private readonly database: Database,
    private readonly coupons: CouponRepository,
    private readonly holds: HoldRepository,
  ) {}

  async judge({ lines, userId, code: given, paymentMethod }: Basket, context?: HoldContext): Promise<Judgement> {
    const queries = context?.queries ?? this.database;
    const locked = context !== undefined;
    const searched = given === undefined ? undefined : normalised(given);
    const { found, now } = await this.coupons.candidates(searched, queries, locked);
    const code = found.find((coupon) => coupon.code === searched && !coupon.automatic);
    const promotions = found.filter(({ automatic }) => automatic).sort(byAge);
    const asksForFirstOrder = found.some(({ rules }) => rules.firstOrderOnly === true);
    // Asked also where nothing was found: the time of an answer must not tell an ended code from one that never existed.
    const customer =
      userId === null
        ? undefined
        : await this.holds.customer(
            userId,
            found.map(({ id }) => id),
            context?.orderId ?? null,
            queries,
            locked && asksForFirstOrder,
          );
    const facts = {
      now,
      userId,
      paymentMethod,
      isFirstOrder: customer?.isFirstOrder ?? true,
      usesOfUser: customer?.uses ?? new Map<string, number>(),
    };
    return { evaluation: evaluate({ lines, promotions, code: given === undefined ? undefined : (code ?? null), facts }), code };
  }
}

const byAge = (left: CouponRow, right: CouponRow): number =>
  left.created_at.getTime() - right.created_at.getTime() || (left.id < right.id ? -1 : 1);

/** The judgement in the words of the contract. */
export function discountsOf({ lines, code: given }: Basket, { evaluation, code }: Judgement): Discounts {
  const { failed } = evaluation;
  const isUnknown = failed?.reason === 'not_valid';
  return {
    lines: lines.map(({ variantId }, index) => ({ variantId, discount: evaluation.discounts[index] ?? 0 })),
    freeShipping: evaluation.freeShipping,
    uses: evaluation.uses.length > 0,
    ...(given === undefined ? {} : { code: failed === undefined ? 'applied' : isUnknown ? 'unknown' : 'not_applicable' }),
    ...(code === undefined || isUnknown ? {} : { couponCode: code.code }),
    ...(failed === undefined ? {} : { reason: failed.reason, ...(failed.hint === undefined ? {} : { hint: failed.hint }) }),
  };
}
