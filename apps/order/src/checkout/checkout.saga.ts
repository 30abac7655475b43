import { Injectable } from '@nestjs/common';
import { couponApi } from '#libs/contracts/coupon/api';
import type { Discounts } from '#libs/contracts/coupon/messages';
import { MAX_SILENCE_SECONDS } from '#libs/contracts/order/messages';
import { paymentApi } from '#libs/contracts/payment/api';
import { productApi } from '#libs/contracts/product/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Logger } from '#libs/observability/logger';
import { inLinkedSpan } from '#libs/observability/tracing';
import { whileRenewing } from '#libs/persistence/claim';
import { priceBasket } from '#libs/pricing/basket';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { type OrderEnv, orderEnv } from '../order.env.ts';
import { OrderRepository } from '../order.repository.ts';
import { OrderSignals } from '../order.signals.ts';
import { OrderJournal } from '../order-journal.ts';
import type { ItemRow, OrderRow } from '../order-row.ts';
import { type Checkout, CheckoutRepository, type CheckoutStep, RENEW_MS, type StoredRefusal } from './checkout.repository.ts';
import { ConfirmationRepository } from './confirmation.repository.ts';
import { CrashPoints } from './crash-points.ts';

interface OrderAtHand {
  readonly order: OrderRow;
  readonly items: readonly ItemRow[];
}

/** What a checkout has come to: an order that is shown, or the refusal it ended with. */
export type CheckoutOutcome = { readonly order: OrderRow } | { readonly refusal: StoredRefusal };

interface StepEnd {
  /** The step to take now; absent when the checkout waits, has ended, or was taken on by another process. */
  readonly next?: CheckoutStep | undefined;
  readonly outcome?: CheckoutOutcome | undefined;
}

interface Step {
  readonly run: (found: OrderAtHand) => Promise<StepEnd>;
  /** Gives back what `run` took; finds nothing to give back when it never ran, and then forbids it. */
  readonly undo?: (found: OrderAtHand) => Promise<void>;
}

/** For orders whose time to pay is over, and for checkouts of replicas that died. */
const POLL_MS = 3_000;
/** Checkouts that one round takes up. */
const MAX_CLAIMED = 20;
/** Seconds between two questions about an order whose payment is on its way, or while Razorpay is silent. */
const ASK_AGAIN_SECONDS = 15;

/**
 * Checkout, one step after the other. Where an order stands is in the database before and after each step, every step may be repeated,
 * and any replica goes on where another was cut off.
 */
@Injectable()
export class CheckoutSaga {
  private readonly resuming: Round;

  constructor(
    private readonly checkouts: CheckoutRepository,
    private readonly confirmations: ConfirmationRepository,
    private readonly orders: OrderRepository,
    private readonly signals: OrderSignals,
    private readonly journal: OrderJournal,
    private readonly crash: CrashPoints,
    @InjectPeer(productApi) private readonly product: Peer<typeof productApi>,
    @InjectPeer(couponApi) private readonly coupon: Peer<typeof couponApi>,
    @InjectPeer(paymentApi) private readonly payment: Peer<typeof paymentApi>,
    @InjectEnvironment(orderEnv) private readonly env: OrderEnv,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    this.resuming = rounds.every('order.checkouts', POLL_MS, () => this.resumeDue());
  }

  private readonly steps: Readonly<Record<Exclude<CheckoutStep, 'done' | 'release'>, Step>> = {
    reserve_stock: {
      run: async (found) => {
        const { order, items } = found;
        const { held, shortages } = await this.product.reserve({
          orderId: order.id,
          lines: items.map(lineOf),
          ttlSeconds: this.env.ORDER_PAYMENT_TTL_SECONDS,
        });
        this.crash.at('reserved');
        if (held)
          return order.uses_coupons ? this.advanceStep(order, 'reserve_stock', 'hold_coupons') : this.allHeld(found, 'reserve_stock');
        return this.refuse(order, {
          code: 'order.out_of_stock',
          detail: 'Some of this is no longer in stock',
          fields: { lines: shortages },
        });
      },
      undo: ({ order }) => this.product.release({ orderId: order.id }),
    },

    hold_coupons: {
      run: async (found) => {
        const { order, items } = found;
        const hold = await this.checkouts.couponHoldOf(order.id);
        const { held, codeApplies, now } = await this.coupon.hold({
          orderId: order.id,
          ...hold,
          ttlSeconds: this.env.ORDER_PAYMENT_TTL_SECONDS,
        });
        this.crash.at('coupons_held');
        if (held) return this.allHeld(found, 'hold_coupons');
        return this.refuse(
          order,
          codeApplies && now !== undefined
            ? { code: 'order.total_changed', detail: 'A promotion has changed', fields: { total: this.totalWith(now, order, items) } }
            : { code: 'coupon.not_applicable', detail: 'This code does not apply to the order', fields: {} },
        );
      },
      undo: async ({ order }) => {
        if (order.uses_coupons) await this.coupon.release({ orderId: order.id });
      },
    },

    // Runs when the time to pay is over. Until then the order waits: a captured payment moves it on (`onPaymentCaptured`).
    await_payment: {
      run: async ({ order }) => {
        const state = await this.paymentState(order);
        if (state !== 'none') {
          await this.checkouts.extendWait(order.id, ASK_AGAIN_SECONDS);
          return {};
        }
        const expired = await this.checkouts.expire(order.id);
        this.crash.at('expired');
        if (expired === undefined) return {};
        this.signals.announce(expired);
        this.journal.note('expired', expired);
        return { next: 'release', outcome: { order: expired } };
      },
    },

    // Past the pivot: the order is paid, or nothing is to be paid in advance. It is sold, or the money goes back.
    redeem_coupons: {
      run: async ({ order }) => {
        const { redeemed } = await this.coupon.commit({ orderId: order.id });
        this.crash.at('coupons_redeemed');
        return redeemed ? this.advanceStep(order, 'redeem_coupons', 'sell_stock') : this.giveUp(order, 'coupon_gone');
      },
    },

    sell_stock: {
      run: async ({ order, items }) => {
        const { committed } = await this.product.commit({ orderId: order.id });
        this.crash.at('sold');
        if (!committed) return this.giveUp(order, 'out_of_stock');
        const confirmed = await this.confirmations.confirmSold(order, items);
        this.crash.at('confirmed');
        if (confirmed === undefined) return {};
        this.signals.announce(confirmed);
        if (order.status === 'placing') this.journal.note('placed', confirmed);
        this.journal.note('confirmed', confirmed);
        return { outcome: { order: confirmed } };
      },
    },
  };

  /**
   * Takes an order as far as it goes now. Never throws: a step that fails is tried again later. `known`: the order as it was just written.
   * Undefined when the checkout was put off, or taken on by another process.
   */
  async advance(checkout: Checkout, known?: OrderAtHand): Promise<CheckoutOutcome | undefined> {
    let { step } = checkout;
    let outcome: CheckoutOutcome | undefined;
    try {
      const found = known ?? (await this.orders.findRow(checkout.order_id));
      if (found === undefined) return undefined;
      for (let next: CheckoutStep | undefined = step; next !== undefined && next !== 'done'; ) {
        step = next;
        const end = await this.take(next, found);
        outcome = end.outcome ?? outcome;
        next = end.next;
      }
    } catch (error) {
      this.logger.warn({ err: error, orderId: checkout.order_id, step }, 'checkout.put_off');
      await this.checkouts.putOff({ ...checkout, step }).then(
        (seconds) => this.resuming.wake(seconds * 1_000),
        () => undefined,
      );
    }
    return outcome;
  }

  /** Takes up the checkouts that are due, and waits for them. */
  async resumeDue(): Promise<void> {
    const due = await this.checkouts.claimDue(MAX_CLAIMED);
    await Promise.all(due.map((checkout) => inLinkedSpan('order.resume_checkout', checkout.traceparent, () => this.advance(checkout))));
  }

  private take(step: Exclude<CheckoutStep, 'done'>, found: OrderAtHand): Promise<StepEnd> {
    return whileRenewing(
      () => this.checkouts.renew(found.order.id, step),
      RENEW_MS,
      () => (step === 'release' ? this.release(found) : this.steps[step].run(found)),
    );
  }

  private async advanceStep(order: OrderRow, from: CheckoutStep, to: CheckoutStep): Promise<StepEnd> {
    return (await this.checkouts.advanceStep(order.id, from, to)) ? { next: to } : {};
  }

  private async refuse(order: OrderRow, refusal: StoredRefusal): Promise<StepEnd> {
    await this.checkouts.refuse(order.id, refusal);
    return { next: 'release', outcome: { refusal } };
  }

  /** Waits for payment, or moves on at once where nothing is to be paid in advance. */
  private async allHeld({ order }: OrderAtHand, from: CheckoutStep): Promise<StepEnd> {
    if (order.payment_method === 'cod' || order.total === 0)
      return this.advanceStep(order, from, order.uses_coupons ? 'redeem_coupons' : 'sell_stock');
    const opened = await this.checkouts.open(order.id, from);
    this.crash.at('opened');
    if (opened === undefined) return {};
    this.journal.note('placed', opened);
    return { outcome: { order: opened } };
  }

  /** Ends a checkout whose hold has lapsed. A paid order's money goes back; an order in status `placing` is refused. */
  private async giveUp(order: OrderRow, reason: 'out_of_stock' | 'coupon_gone'): Promise<StepEnd> {
    if (order.status === 'placing') {
      const code = reason === 'out_of_stock' ? 'order.out_of_stock' : 'coupon.not_applicable';
      return this.refuse(order, {
        code,
        detail: 'What the order held is gone',
        fields: reason === 'out_of_stock' ? { lines: [] } : {},
      });
    }
    const paymentId = await this.checkouts.captureOf(order.id);
    if (paymentId === undefined) throw new Error('an order is being sold that nobody paid');
    await this.checkouts.giveUp(order, paymentId, reason);
    const ended = (await this.orders.findRow(order.id))?.order;
    if (ended !== undefined) this.signals.announce(ended);
    if (order.status === 'pending_payment') this.journal.note('expired', order);
    return { next: 'release' };
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

  /** Undoes the steps, the last first. */
  private async release(found: OrderAtHand): Promise<StepEnd> {
    await this.steps.hold_coupons.undo?.(found);
    await this.steps.reserve_stock.undo?.(found);
    this.crash.at('released');
    await this.checkouts.finishRelease(found.order.id);
    return {};
  }

  /** `none` once Razorpay knows of no payment, or when it has been silent for too long. */
  private async paymentState(order: OrderRow): Promise<string> {
    try {
      return (await this.payment.settle({ orderId: order.id })).state;
    } catch (error) {
      if (Date.now() - order.expires_at.getTime() > MAX_SILENCE_SECONDS * 1_000) return 'none';
      this.logger.warn({ err: error, orderId: order.id }, 'checkout.payment_silent');
      return 'unknown';
    }
  }
}

const lineOf = (item: ItemRow): { variantId: string; quantity: number } => ({ variantId: item.variant_id, quantity: item.quantity });
