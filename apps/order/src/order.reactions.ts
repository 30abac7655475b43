import { Injectable } from '@nestjs/common';
import { orderApi } from '#libs/contracts/order/api';
import type { Order } from '#libs/contracts/order/views';
import type { PaymentCaptured, RefundChanged, RefundedAtRazorpay } from '#libs/contracts/payment/messages';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { RefundOutcomes } from './after-sales/refund-outcomes.ts';
import { CheckoutRepository } from './checkout/checkout.repository.ts';
import { CheckoutSaga } from './checkout/checkout.saga.ts';
import { CrashPoints } from './checkout/crash-points.ts';
import { OrderJournal } from './order-journal.ts';

@Injectable()
export class OrderReactions {
  constructor(
    private readonly checkouts: CheckoutRepository,
    private readonly saga: CheckoutSaga,
    private readonly refunds: RefundOutcomes,
    private readonly journal: OrderJournal,
    private readonly crash: CrashPoints,
  ) {}

  /** Sells the order that the captured money belongs to, once; money that no order takes goes back. */
  async onPaymentCaptured(capture: PaymentCaptured, { transaction }: TransactionalDelivery): Promise<Order | undefined> {
    if (!(await this.checkouts.noteCapture(transaction, capture))) return undefined;
    const order = capture.currency === 'INR' ? await this.checkouts.takePayment(transaction, capture) : undefined;
    if (order !== undefined) {
      transaction.afterCommit(async () => {
        this.crash.at('captured');
        this.journal.note('paid', order, { amount: capture.amount });
        await this.saga.advance({ order_id: order.id, step: order.step, attempts: 0 }, { order, items: order.items });
      });
      return undefined;
    }
    const reason = await this.checkouts.rejectionReason(transaction, capture);
    this.checkouts.noteRejection(transaction, capture, reason);
    await this.checkouts.publishRejection(transaction, capture.orderId);
    transaction.publish(orderApi.events.captureRejected, { orderId: capture.orderId, paymentId: capture.paymentId, reason });
    return undefined;
  }

  onPaymentRefundedAtRazorpay(refund: RefundedAtRazorpay, { transaction }: TransactionalDelivery): Promise<void> {
    return this.refunds.adopt(refund, transaction);
  }

  onPaymentRefundChanged(change: RefundChanged, { transaction }: TransactionalDelivery): Promise<void> {
    return this.refunds.apply(change, transaction);
  }
}
