import { Injectable } from '@nestjs/common';
import { orderApi } from '#libs/contracts/order/api';
import type { Order } from '#libs/contracts/order/views';
import type { PaymentCaptured, RefundChanged, RefundedAtRazorpay } from '#libs/contracts/payment/messages';
import type { SaleFailed } from '#libs/contracts/product/messages';
import type { Transaction } from '#libs/persistence/transaction';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { FailedSales } from './after-sales/failed-sales.ts';
import { RefundOutcomes } from './after-sales/refund-outcomes.ts';
import { CheckoutRepository } from './checkout/checkout.repository.ts';
import { CheckoutSaga } from './checkout/checkout.saga.ts';
import { ConfirmationRepository } from './checkout/confirmation.repository.ts';
import { CrashPoints } from './checkout/crash-points.ts';
import { OrderSignals } from './order.signals.ts';
import { OrderJournal } from './order-journal.ts';
import { orderOf } from './order-row.ts';

@Injectable()
export class OrderReactions {
  constructor(
    private readonly checkouts: CheckoutRepository,
    private readonly confirmations: ConfirmationRepository,
    private readonly saga: CheckoutSaga,
    private readonly refunds: RefundOutcomes,
    private readonly failedSales: FailedSales,
    private readonly signals: OrderSignals,
    private readonly journal: OrderJournal,
    private readonly crash: CrashPoints,
  ) {}

  /**
   * Notes captured money once, and confirms the order that it pays. An order with coupons and one that was paid late go on with their
   * checkout's steps; money that no order takes goes back.
   */
  async onPaymentCaptured(capture: PaymentCaptured, { transaction }: TransactionalDelivery): Promise<Order | undefined> {
    const [isNew, held] = await Promise.all([
      this.checkouts.noteCapture(transaction, capture),
      this.confirmations.holdPaid(transaction, capture),
    ]);
    if (!isNew) return undefined;
    if (held === undefined) return this.takeOrReject(capture, transaction);
    const confirmed = await this.confirmations.confirmPaid(transaction, held, capture);
    this.crash.at('confirmed');
    this.signals.announce(confirmed);
    this.journal.note('paid', confirmed, { amount: capture.amount });
    this.journal.note('confirmed', confirmed);
    return orderOf(confirmed, held.items);
  }

  onProductSaleFailed({ orderId }: SaleFailed, { transaction }: TransactionalDelivery): Promise<void> {
    return this.failedSales.cancel(transaction, orderId);
  }

  onPaymentRefundedAtRazorpay(refund: RefundedAtRazorpay, { transaction }: TransactionalDelivery): Promise<void> {
    return this.refunds.adopt(refund, transaction);
  }

  onPaymentRefundChanged(change: RefundChanged, { transaction }: TransactionalDelivery): Promise<void> {
    return this.refunds.apply(change, transaction);
  }

  private async takeOrReject(capture: PaymentCaptured, transaction: Transaction): Promise<undefined> {
    const order = capture.currency === 'INR' ? await this.checkouts.takePayment(transaction, capture) : undefined;
    if (order !== undefined) {
      transaction.afterCommit(async () => {
        this.crash.at('captured');
        this.journal.note('paid', order, { amount: capture.amount });
        await this.saga.advance({ order_id: order.id, step: order.step, attempts: 0 }, { order, items: order.items });
      });
      return;
    }
    const reason = await this.checkouts.rejectionReason(transaction, capture);
    this.checkouts.noteRejection(transaction, capture, reason);
    await this.checkouts.publishRejection(transaction, capture.orderId);
    transaction.publish(orderApi.events.captureRejected, { orderId: capture.orderId, paymentId: capture.paymentId, reason });
  }
}
