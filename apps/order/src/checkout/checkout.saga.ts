import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { couponApi } from '#libs/contracts/coupon/api';
import type { Discounts } from '#libs/contracts/coupon/messages';
import { paymentApi } from '#libs/contracts/payment/api';
import { productApi } from '#libs/contracts/product/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Logger } from '#libs/observability/logger';
import { priceBasket } from '#libs/pricing/basket';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { type OrderEnv, orderEnv } from '../order.env.ts';
import { OrderRepository } from '../order.repository.ts';
import { OrderSignals } from '../order.signals.ts';
import type { ItemRow, OrderRow } from '../order-row.ts';
import { type Checkout, CheckoutRepository, type CheckoutStep } from './checkout.repository.ts';
import { CrashPoints } from './crash-points.ts';

interface OrderAtHand {
  readonly order: OrderRow;
  readonly items: readonly ItemRow[];
}

/** The next step to take now, or nothing when the checkout waits or has ended. */
type Next = CheckoutStep | undefined;

interface Step {
  readonly run: (at: OrderAtHand) => Promise<Next>;
  /** Gives back what `run` took; finds nothing to give back when it never ran, and then forbids it. */
  readonly undo?: (at: OrderAtHand) => Promise<void>;
}

const POLL_MS = 1_000;
/** Seconds between two questions about an order whose payment is on its way, or while Razorpay is silent. */
const ASK_AGAIN_SECONDS = 15;
/** Milliseconds past its time that an order waits for Razorpay's word. */
const MAX_SILENCE_MS = 5 * 60_000;

/**
 * Checkout, one step after the other. Where an order stands is in the database before and after each step, every step may be repeated,
 * and any replica goes on where another was cut off.
 */
@Injectable()
export class CheckoutSaga implements OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly checkouts: CheckoutRepository,
    private readonly orders: OrderRepository,
    private readonly signals: OrderSignals,
    private readonly crash: CrashPoints,
    @InjectPeer(productApi) private readonly product: Peer<typeof productApi>,
    @InjectPeer(couponApi) private readonly coupon: Peer<typeof couponApi>,
    @InjectPeer(paymentApi) private readonly payment: Peer<typeof paymentApi>,
    @InjectEnvironment(orderEnv) private readonly env: OrderEnv,
    @InjectLogger() private readonly logger: Logger,
  ) {
    this.schedule();
  }

  private readonly steps: Readonly<Record<Exclude<CheckoutStep, 'done' | 'release'>, Step>> = {
    reserve_stock: {
      run: async ({ order, items }) => {
        const { held, shortages } = await this.product.reserve({
          orderId: order.id,
          lines: items.map(lineOf),
          ttlSeconds: this.env.ORDER_PAYMENT_TTL_SECONDS,
        });
        this.crash.at('reserved');
        if (held) return order.uses_coupons ? this.goOn(order, 'reserve_stock', 'hold_coupons') : this.allHeld(order, 'reserve_stock');
        await this.checkouts.refuse(order.id, {
          code: 'order.out_of_stock',
          detail: 'Some of this is no longer in stock',
          fields: { lines: shortages },
        });
        return 'release';
      },
      undo: ({ order }) => this.product.release({ orderId: order.id }),
    },

    hold_coupons: {
      run: async ({ order, items }) => {
        const hold = await this.checkouts.couponHoldOf(order.id);
        const { held, codeApplies, now } = await this.coupon.hold({
          orderId: order.id,
          ...hold,
          ttlSeconds: this.env.ORDER_PAYMENT_TTL_SECONDS,
        });
        this.crash.at('coupons_held');
        if (held) return this.allHeld(order, 'hold_coupons');
        await this.checkouts.refuse(
          order.id,
          codeApplies && now !== undefined
            ? { code: 'order.total_changed', detail: 'A promotion has changed', fields: { total: this.totalWith(now, order, items) } }
            : { code: 'coupon.not_applicable', detail: 'This code does not apply to the order', fields: {} },
        );
        return 'release';
      },
      undo: async ({ order }) => {
        if (order.uses_coupons) await this.coupon.release({ orderId: order.id });
      },
    },

    // Runs when the time to pay is over. Until then the order waits: a captured payment moves it on (`takePayment` in order.reactions.ts).
    await_payment: {
      run: async ({ order }) => {
        const state = await this.whatRazorpaySays(order);
        if (state !== 'none') {
          await this.checkouts.waitForWord(order.id, ASK_AGAIN_SECONDS);
          return undefined;
        }
        const expired = await this.checkouts.expire(order.id);
        this.announce(expired);
        this.crash.at('expired');
        return expired === undefined ? undefined : 'release';
      },
    },

    // Past the pivot: the money is here, or nothing is to be paid in advance. Only forward, or it goes back.
    redeem_coupons: {
      run: async ({ order }) => {
        const { redeemed } = await this.coupon.commit({ orderId: order.id });
        this.crash.at('coupons_redeemed');
        return redeemed ? this.goOn(order, 'redeem_coupons', 'sell_stock') : this.giveUp(order, 'coupon_gone');
      },
    },

    sell_stock: {
      run: async ({ order, items }) => {
        const { committed } = await this.product.commit({ orderId: order.id });
        this.crash.at('sold');
        if (committed) {
          this.announce(await this.checkouts.confirm(order, items));
          this.crash.at('confirmed');
          return undefined;
        }
        return this.giveUp(order, 'out_of_stock');
      },
    },
  };

  /** Takes an order as far as it goes now. Never throws: what fails here is tried again later. `known`: as it was just written. */
  async advance(checkout: Checkout, known?: OrderAtHand): Promise<void> {
    let { step } = checkout;
    try {
      const found = known ?? (await this.orders.findRow(checkout.order_id));
      if (found === undefined) return;
      for (let next: Next = step; next !== undefined && next !== 'done'; ) {
        step = next;
        next = step === 'release' ? await this.release(found) : await this.steps[step as keyof typeof this.steps].run(found);
      }
    } catch (error) {
      this.logger.warn({ err: error, orderId: checkout.order_id, step }, 'checkout.put_off');
      await this.checkouts.putOff({ ...checkout, step }).catch(() => undefined);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await Promise.all(this.running);
  }

  private announce(order: OrderRow | undefined): void {
    if (order !== undefined) this.signals.announce(order);
  }

  private async goOn(order: OrderRow, from: CheckoutStep, to: CheckoutStep): Promise<Next> {
    return (await this.checkouts.goOn(order.id, from, to)) ? to : undefined;
  }

  /** Waits for payment, or goes on at once where nothing is to be paid in advance. */
  private async allHeld(order: OrderRow, from: CheckoutStep): Promise<Next> {
    if (order.payment_method === 'cod' || order.total === 0)
      return this.goOn(order, from, order.uses_coupons ? 'redeem_coupons' : 'sell_stock');
    await this.checkouts.open(order.id, from);
    this.crash.at('opened');
    return undefined;
  }

  /** What was held is gone, because time ran out. Money that is here goes back; an order that nobody has seen is refused. */
  private async giveUp(order: OrderRow, reason: 'out_of_stock' | 'coupon_gone'): Promise<Next> {
    if (order.status === 'placing') {
      const code = reason === 'out_of_stock' ? 'order.out_of_stock' : 'coupon.not_applicable';
      await this.checkouts.refuse(order.id, {
        code,
        detail: 'What the order held is gone',
        fields: reason === 'out_of_stock' ? { lines: [] } : {},
      });
      return 'release';
    }
    const paymentId = await this.checkouts.captureOf(order.id);
    if (paymentId === undefined) throw new Error('an order is being sold that nobody paid');
    await this.checkouts.giveUp(order, paymentId, reason);
    this.announce((await this.orders.findRow(order.id))?.order);
    return 'release';
  }

  private totalWith({ lines, freeShipping }: Discounts, order: OrderRow, items: readonly ItemRow[]): number {
    const discounts = new Map(lines.map(({ variantId, discount }) => [variantId, discount]));
    return priceBasket({
      lines: items.map(({ unit_price, quantity, variant_id }) => ({
        unitPrice: unit_price,
        quantity,
        discount: discounts.get(variant_id) ?? 0,
      })),
      shipping: { fee: this.env.SHIPPING_FEE, freeFrom: this.env.FREE_SHIPPING_FROM },
      freeShipping,
      codFee: order.payment_method === 'cod' ? this.env.COD_FEE : 0,
    }).total;
  }

  /** Undoes what the steps took, the last first. */
  private async release(at: OrderAtHand): Promise<Next> {
    await this.steps.hold_coupons.undo?.(at);
    await this.steps.reserve_stock.undo?.(at);
    this.crash.at('released');
    await this.checkouts.released(at.order.id);
    return undefined;
  }

  /** `none` once nothing was paid, or when Razorpay has been silent for too long. */
  private async whatRazorpaySays(order: OrderRow): Promise<string> {
    try {
      return (await this.payment.settle({ orderId: order.id })).state;
    } catch (error) {
      if (Date.now() - order.expires_at.getTime() > MAX_SILENCE_MS) return 'none';
      this.logger.warn({ err: error, orderId: order.id }, 'checkout.payment_silent');
      return 'unknown';
    }
  }

  private schedule(): void {
    this.timer = setTimeout(
      () =>
        void this.resumeDue().finally(() => {
          if (!this.stopped) this.schedule();
        }),
      POLL_MS * (0.75 + Math.random() / 2),
    );
  }

  /** Takes up what nobody works on, and waits for it. */
  async resumeDue(): Promise<void> {
    try {
      const due = await this.checkouts.claimDue(20);
      for (const checkout of due) {
        const work = this.advance(checkout).finally(() => this.running.delete(work));
        this.running.add(work);
      }
      await Promise.all(this.running);
    } catch (error) {
      this.logger.warn({ err: error }, 'checkout.poll_failed');
    }
  }
}

const lineOf = (item: ItemRow): { variantId: string; quantity: number } => ({ variantId: item.variant_id, quantity: item.quantity });
