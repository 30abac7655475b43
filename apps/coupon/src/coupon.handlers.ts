import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, userOf } from '#libs/contracts/call';
import { cartApi } from '#libs/contracts/cart/api';
import {
  type CouponUsageOf,
  type CreateCoupon,
  couponApi,
  type ListCoupons,
  type RedeemCoupon,
  type UpdateCoupon,
  type ValidateCoupon,
} from '#libs/contracts/coupon/api';
import type { BasketLine } from '#libs/contracts/coupon/messages';
import type { Coupon, CouponPage, CouponUsage, CouponVerdict, Redemption } from '#libs/contracts/coupon/views';
import { invalid, notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { productApi } from '#libs/contracts/product/api';
import type { OrderLine } from '#libs/contracts/product/messages';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { onceFor } from '#libs/persistence/idempotency';
import { addedUp, basketLineOf } from '#libs/pricing/order-lines';
import { InjectLogger } from '#libs/runtime/core.module';
import { CouponRepository } from './coupon.repository.ts';
import { couponOf, normalised } from './coupon.ts';
import { tellNewlyNamed } from './coupon-events.ts';
import { changed, newCoupon } from './coupon-input.ts';
import { CouponJudge } from './coupon-judge.ts';

/** Coupons as customers and admins see them. */
@Injectable()
export class CouponHandlers {
  constructor(
    private readonly database: Database,
    private readonly coupons: CouponRepository,
    private readonly judge: CouponJudge,
    @InjectPeer(cartApi) private readonly cart: Peer<typeof cartApi>,
    @InjectPeer(productApi) private readonly product: Peer<typeof productApi>,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  async list(query: ListCoupons, { actor }: Call): Promise<CouponPage> {
    const isAdmin = actor.kind === 'user' && actor.roles.includes('admin');
    const page = await this.coupons.list({ userId: actor.kind === 'user' ? actor.userId : undefined, isAdmin }, query);
    // Only admins hear who else may use a coupon.
    return { items: page.items.map((row) => couponOf(row, isAdmin)), nextCursor: page.nextCursor };
  }

  async validate({ code, items }: ValidateCoupon, call: Call): Promise<CouponVerdict> {
    const { userId } = userOf(call);
    const lines = await this.basketLines(items ?? (await this.cart.snapshot({ userId })).lines, items !== undefined);
    const { evaluation } = await this.judge.judge({ userId, lines, code });
    const { failed, byCode } = evaluation;
    return {
      valid: failed === undefined,
      discount: byCode.reduce((sum, one) => sum + one, 0),
      lines: lines.map(({ variantId }, index) => ({ variantId, discount: byCode[index] ?? 0 })),
      ...(failed === undefined ? {} : { reason: failed.reason, ...(failed.hint === undefined ? {} : { hint: failed.hint }) }),
    };
  }

  async redeem({ code, orderId }: RedeemCoupon, call: Call): Promise<Redemption> {
    const { userId } = userOf(call);
    const redemption = await this.coupons.redemption(userId, orderId, normalised(code));
    if (redemption === undefined) throw couponApi.refuse('coupon.not_applicable', 'None of your orders was placed with this code');
    return redemption;
  }

  async create(input: CreateCoupon, call: Call): Promise<Coupon> {
    const coupon = newCoupon(input);
    const id = uuidv7();
    try {
      return await this.database.transaction(async (transaction) => {
        const row = await onceFor(transaction, call, id, {
          make: async () => {
            const made = await this.coupons.insert(transaction, id, coupon);
            await tellNewlyNamed(transaction, this.coupons, made);
            return made;
          },
          read: (known) => this.coupons.lock(transaction, known),
        });
        if (row === undefined) throw notFound();
        transaction.afterCommit(() => this.logger.info({ couponId: row.id, by: userOf(call).userId }, 'coupon.created'));
        return couponOf(row, true);
      });
    } catch (error) {
      if (isUniqueViolation(error, 'coupons_code_key')) throw couponApi.refuse('coupon.code_taken', 'Another coupon has this code');
      throw error;
    }
  }

  async update(input: UpdateCoupon, call: Call): Promise<Coupon> {
    return this.database.transaction(async (transaction) => {
      const known = await this.coupons.lock(transaction, input.id);
      if (known === undefined) throw notFound();
      const row = await this.coupons.update(transaction, input.id, changed(known, input));
      if (row === undefined) throw notFound();
      await tellNewlyNamed(transaction, this.coupons, row);
      transaction.afterCommit(() => this.logger.info({ couponId: row.id, by: userOf(call).userId }, 'coupon.changed'));
      return couponOf(row, true);
    });
  }

  async remove({ id }: ById, call: Call): Promise<void> {
    if (!(await this.coupons.withdraw(id))) throw notFound();
    this.logger.info({ couponId: id, by: userOf(call).userId }, 'coupon.withdrawn');
  }

  async usage({ id, limit, cursor }: CouponUsageOf): Promise<CouponUsage> {
    const coupon = await this.coupons.find(id);
    if (coupon === undefined) throw notFound();
    const page = await this.coupons.usage(id, limit, cursor);
    return { ...page, limit: coupon.usage_limit, spent: coupon.spent };
  }

  /** Equal variants add up. Of the cart only lines count that are there in full, as in the cart itself; of items given, an unknown one is an error. */
  private async basketLines(items: readonly OrderLine[], mustExist: boolean): Promise<BasketLine[]> {
    const lines = addedUp(items);
    if (lines.length === 0) return [];
    const quoted = await this.product.quote({ variantIds: lines.map(({ variantId }) => variantId) });
    const quotes = new Map(quoted.items.map((quote) => [quote.variantId, quote]));
    if (mustExist) {
      const unknown = items.flatMap(({ variantId }, index) =>
        quotes.has(variantId) ? [] : [{ path: `items.${index}.variantId`, message: 'does not exist' }],
      );
      if (unknown.length > 0) throw invalid(unknown);
    }
    return lines.flatMap(({ variantId, quantity }) => {
      const quote = quotes.get(variantId);
      return quote === undefined || (!mustExist && quote.available < quantity) ? [] : [basketLineOf(quote, quantity)];
    });
  }
}
