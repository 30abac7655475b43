import { Injectable } from '@nestjs/common';
import { couponApi } from '#libs/contracts/coupon/api';
import type { Basket, Discounts } from '#libs/contracts/coupon/messages';
import { InjectPeer, type Peer } from '#libs/messaging/peer';

/** Milliseconds for which "no promotion is live" is believed; the coupon service is asked about each basket while one is. */
const BELIEVED_MS = 1_000;

const NOTHING = (basket: Basket): Discounts => ({
  lines: basket.lines.map(({ variantId }) => ({ variantId, discount: 0 })),
  freeShipping: false,
  uses: false,
});

/** What coupons do to a basket, without a call for the many baskets to which they do nothing. */
@Injectable()
export class DiscountSource {
  private checkedAt = Number.NEGATIVE_INFINITY;
  private anyAutomatic: Promise<boolean> = Promise.resolve(false);

  constructor(@InjectPeer(couponApi) private readonly coupon: Peer<typeof couponApi>) {}

  async discountsFor(basket: Basket): Promise<Discounts> {
    if (basket.lines.length === 0 && basket.code === undefined) return NOTHING(basket);
    if (basket.code === undefined && !(await this.promotionsLive())) return NOTHING(basket);
    return this.coupon.evaluate(basket);
  }

  /** One question at a time and one a second, however many baskets wait for it. */
  private promotionsLive(): Promise<boolean> {
    const now = performance.now();
    if (now - this.checkedAt < BELIEVED_MS) return this.anyAutomatic;
    this.checkedAt = now;
    this.anyAutomatic = this.coupon.promotions({}).then(
      ({ anyAutomatic }) => anyAutomatic,
      (error: unknown) => {
        this.checkedAt = Number.NEGATIVE_INFINITY;
        throw error;
      },
    );
    return this.anyAutomatic;
  }
}
