import { Injectable } from '@nestjs/common';
import { orderApi } from '#libs/contracts/order/api';
import type { PaymentCaptured, RefundChanged, RefundedAtRazorpay } from '#libs/contracts/payment/messages';

import type { Transaction } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { sql } from '#libs/persistence/sql';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { RefundLedger } from './after-sales/refund-ledger.ts';
import { CheckoutRepository } from './checkout/checkout.repository.ts';
import { CheckoutSaga } from './checkout/checkout.saga.ts';
import { CrashPoints } from './checkout/crash-points.ts';
import type { OrderRow } from './order-row.ts';

@Injectable()
export class OrderReactions {
  constructor(
    private readonly checkouts: CheckoutRepository,
    private readonly saga: CheckoutSaga,
    private readonly refunds: RefundLedger,
    private readonly crash: CrashPoints,
  ) {}

  /** Money has arrived. The order it belongs to takes it once and is sold; money that no order takes goes back. */
  async onPaymentCaptured(capture: PaymentCaptured, { transaction }: TransactionalDelivery): Promise<void> {
    if (!(await this.checkouts.noteCapture(transaction, capture))) return;
    const order = capture.currency === 'INR' ? await this.takePayment(transaction, capture) : undefined;
    if (order !== undefined) {
      transaction.afterCommit(async () => {
        this.crash.at('captured');
        await this.saga.advance({ order_id: order.id, step: order.step, attempts: 0 }, { order, items: order.items });
      });
      return;
    }
    const reason = await this.whyNot(transaction, capture);
    await this.checkouts.noteRejection(transaction, capture.paymentId, reason);
    transaction.publish(orderApi.events.captureRejected, { orderId: capture.orderId, paymentId: capture.paymentId, reason });
  }

  onPaymentRefundedAtRazorpay(refund: RefundedAtRazorpay, { transaction }: TransactionalDelivery): Promise<void> {
    return this.refunds.adopt(refund, transaction);
  }

  onPaymentRefundChanged(change: RefundChanged, { transaction }: TransactionalDelivery): Promise<void> {
    return this.refunds.apply(change, transaction);
  }

  /** The order and its checkout's next step; none also when an order that had expired can no longer have its cart version, because a newer one has it. */
  private async takePayment(transaction: Transaction, { orderId, amount }: PaymentCaptured): ReturnType<CheckoutRepository['paid']> {
    const inTime = await this.checkouts.paid(transaction, orderId, amount, 'pending_payment');
    if (inTime !== undefined) return inTime;
    await transaction.execute(sql`SAVEPOINT take_payment`);
    try {
      return await this.checkouts.paid(transaction, orderId, amount, 'expired');
    } catch (error) {
      if (!isUniqueViolation(error, 'one_order_per_cart_version')) throw error;
      await transaction.execute(sql`ROLLBACK TO SAVEPOINT take_payment`);
      return undefined;
    }
  }

  private async whyNot(transaction: Transaction, { orderId, amount, currency }: PaymentCaptured): Promise<string> {
    const order = await transaction.row<Pick<OrderRow, 'status' | 'payment_status' | 'total'>>(
      sql`SELECT status, payment_status, total FROM orders WHERE id = ${orderId}`,
    );
    if (order === undefined) return 'unknown_order';
    if (order.total !== amount || currency !== 'INR') return 'amount_mismatch';
    if (order.status === 'cancelled') return 'order_cancelled';
    if (order.payment_status !== 'unpaid') return 'already_paid';
    return order.status === 'expired' ? 'order_expired' : 'order_not_payable';
  }
}
