import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { PayableOrder } from '#libs/contracts/order/messages';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Logger } from '#libs/observability/logger';
import { inLinkedSpan } from '#libs/observability/tracing';
import { whileRenewing } from '#libs/persistence/claim';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { type PaymentEnv, paymentEnv } from './payment.env.ts';
import { receiptOf } from './payment.ts';
import { type Creation, PaymentOrderRepository, type PaymentOrderRow, RENEW_MS } from './payment-order.repository.ts';
import { RazorpayClient } from './razorpay-client.ts';
import { isRazorpayError, RazorpayUnknown, unavailableFor } from './razorpay-errors.ts';
import type { RazorpayOrder } from './razorpay-objects.ts';

/** Poll interval while another request creates the Razorpay order. */
const POLL_MS = 100;
/** After a lost answer Razorpay may still be creating the order; it is looked for after this pause. */
const PAUSE_AFTER_UNKNOWN_SECONDS = 1;
/** Time that another attempt needs. */
const MIN_ATTEMPT_MS = 1_500;
const LEFTOVERS_MS = 30_000;
/** Milliseconds until the order service is told of a Razorpay order that is not paid by then; the capture tells of one that is. */
const ATTACH_AFTER_MS = 2_000;

/**
 * Opens one Razorpay order for each shop order. Razorpay has no idempotency key for orders: a lease in our own row decides which request
 * asks, and every request after the first looks for an order with our receipt before it creates one. Razorpay may still be at work for a
 * holder that died, and have two orders then; only the one that is stored first is ever shown to anybody, so only that can be paid.
 */
@Injectable()
export class RazorpayOrderOpener {
  private readonly attaching: Round;

  constructor(
    private readonly orders: PaymentOrderRepository,
    private readonly razorpay: RazorpayClient,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
    @InjectEnvironment(paymentEnv) private readonly env: PaymentEnv,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    this.attaching = rounds.every('payment.attach_leftovers', LEFTOVERS_MS, () => this.attachLeftovers());
  }

  /** Throws `unavailable` when there is none after `budgetMs`. */
  async open(payable: PayableOrder, budgetMs: number): Promise<PaymentOrderRow> {
    const until = performance.now() + budgetMs;
    for (;;) {
      const creation = await this.orders.claimCreation(payable);
      const opened = creation === undefined ? await this.orders.find(payable.orderId) : await this.create(creation, payable, until);
      if (opened !== undefined && opened.razorpayOrderId !== null) return opened;
      // Nobody is asking Razorpay for this order while the breaker is open.
      if (this.razorpay.isOpen || performance.now() + POLL_MS > until) throw refuse('unavailable', 'Razorpay does not answer; try again');
      await sleep(POLL_MS);
    }
  }

  /** Tells the order service, which may know already. */
  async attach(orderId: string, providerOrderId: string): Promise<void> {
    try {
      await this.order.attachPayment({ orderId, providerOrderId });
      await this.orders.noteAttached(orderId);
    } catch (error) {
      this.logger.warn({ orderId, reason: error instanceof Error ? error.message : String(error) }, 'payment_order.not_attached');
    }
  }

  /** One round over orders that the order service does not know of so far. */
  async attachLeftovers(): Promise<void> {
    const found = await this.orders.claimUnattached();
    for (const { orderId, razorpayOrderId, traceparent } of found)
      await inLinkedSpan('payment.attach_order', traceparent, () => this.attach(orderId, razorpayOrderId));
    // After a rush there are more than one round takes.
    if (found.length > 0) this.attaching.wake();
  }

  /** Undefined when the lease was lost, or an answer was lost and time is left to look again. */
  private async create(creation: Creation, payable: PayableOrder, until: number): Promise<PaymentOrderRow | undefined> {
    let created: RazorpayOrder | undefined;
    try {
      created = await whileRenewing(
        () => this.orders.renewCreation(creation),
        RENEW_MS,
        () => this.ask(creation, payable),
      );
    } catch (error) {
      if (!isRazorpayError(error)) throw error;
      this.logger.warn({ orderId: payable.orderId, reason: error.message }, 'payment_order.not_created');
      const isUnknown = error instanceof RazorpayUnknown;
      await this.orders.releaseCreation(creation, isUnknown ? PAUSE_AFTER_UNKNOWN_SECONDS : 0);
      if (isUnknown && until - performance.now() > MIN_ATTEMPT_MS) return undefined;
      throw unavailableFor(error);
    }
    if (created === undefined) return undefined;
    const stored = await this.orders.storeRazorpayOrder(payable.orderId, created.id, created.status, {
      attachAfterMs: ATTACH_AFTER_MS,
      checkAfterSeconds: this.env.RECONCILE_AFTER_SECONDS,
    });
    this.attaching.wake(ATTACH_AFTER_MS + 100);
    return stored;
  }

  private async ask(creation: Creation, { orderId, amount, currency }: PayableOrder): Promise<RazorpayOrder | undefined> {
    const receipt = receiptOf(orderId);
    if (creation.creations > 1) {
      const found = await this.razorpay.orderByReceipt(receipt);
      if (found !== undefined) {
        if (found.amount !== amount || found.currency !== currency) throw new Error(`the Razorpay order of ${orderId} has another amount`);
        return found;
      }
      if (!(await this.orders.renewCreation(creation))) return undefined;
    }
    return this.razorpay.createOrder({ amount, currency, receipt });
  }
}
