import { Injectable } from '@nestjs/common';
import { orderApi } from '#libs/contracts/order/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Logger } from '#libs/observability/logger';
import { inLinkedSpan } from '#libs/observability/tracing';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { Rounds } from '#libs/runtime/rounds';
import { type PaymentEnv, paymentEnv } from './payment.env.ts';
import { nextCheckAfter } from './payment.ts';
import { type DueOrder, PaymentOrderRepository } from './payment-order.repository.ts';
import { PaymentRecorder } from './payment-recorder.ts';
import { RazorpayClient } from './razorpay-client.ts';
import { isRazorpayError, RazorpayRefused } from './razorpay-errors.ts';
import type { RazorpayPayment } from './razorpay-objects.ts';

const CHECK_MS = 30_000;

/** Asks Razorpay about orders that stay unpaid, so that a lost webhook costs time and no money. */
@Injectable()
export class PaymentOrderReconciler {
  constructor(
    private readonly orders: PaymentOrderRepository,
    private readonly recorder: PaymentRecorder,
    private readonly razorpay: RazorpayClient,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
    @InjectEnvironment(paymentEnv) private readonly env: PaymentEnv,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    // Where a short time is set, orders are looked at as often as that.
    rounds.every('payment.check_orders', Math.min(CHECK_MS, this.env.RECONCILE_AFTER_SECONDS * 1_000), () => this.checkOrders());
  }

  /** One round over what is due. */
  async checkOrders(): Promise<void> {
    for (const due of await this.orders.claimDue()) {
      try {
        await inLinkedSpan('payment.check_order', due.traceparent, () => this.check(due));
        await this.orders.checkAgainAfter(due.orderId, nextCheckAfter(due.checks, due.ageSeconds, this.env.RECONCILE_AFTER_SECONDS));
      } catch (error) {
        this.logger.warn({ orderId: due.orderId, reason: error instanceof Error ? error.message : String(error) }, 'reconcile.postponed');
        // The others would meet the same silence; their claims run out by themselves.
        if (isRazorpayError(error) && !(error instanceof RazorpayRefused)) return;
      }
    }
  }

  private async check(due: DueOrder): Promise<void> {
    for (const payment of await this.razorpay.paymentsOf(due.razorpayOrderId)) {
      const recorded = await this.recorder.record(payment);
      if (recorded?.isFirst === true && recorded.status === 'captured')
        this.logger.warn({ orderId: due.orderId }, 'reconcile.capture_found');
      if (recorded?.status === 'authorized') await this.capture(due, payment);
    }
  }

  /** Only for an order that still wants exactly this amount; Razorpay gives back by itself what nobody captures. */
  private async capture({ orderId, userId }: DueOrder, { id, amount, currency }: RazorpayPayment): Promise<void> {
    const order = await this.order.payable({ orderId, userId });
    if (!order.payable || order.amount !== amount || order.currency !== currency) return;
    await this.recorder.record(await this.razorpay.capture(id, amount, currency));
    this.logger.info({ orderId }, 'reconcile.captured');
  }
}
