import { Injectable } from '@nestjs/common';
import type { Delivery } from '#libs/contracts/contract';
import { refuse } from '#libs/contracts/errors';
import type { CaptureRejected, CashCollected, RefundDue } from '#libs/contracts/order/messages';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger } from '#libs/runtime/core.module';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { PaymentRepository } from './payment.repository.ts';
import { cashIdOf } from './payment.ts';
import { RefundLedger } from './refund.ledger.ts';
import { RefundSender } from './refund.sender.ts';

@Injectable()
export class PaymentReactions {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly refunds: RefundLedger,
    private readonly sender: RefundSender,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  /** Money that no order takes goes back, whole and once. */
  async onOrderCaptureRejected({ orderId, paymentId, reason }: CaptureRejected, delivery: Delivery): Promise<void> {
    const { transaction } = delivery as TransactionalDelivery;
    const isKnown = await this.refunds.addRejected(transaction, orderId, paymentId, `rejected: ${reason}`);
    if (!isKnown) throw new Error(`order ${orderId} rejected a capture of ${paymentId}, which is not known here`);
    this.logger.warn({ orderId, reason }, 'capture.rejected');
    transaction.afterCommit(() => this.sender.wake());
  }

  /** The refund may exist already: whoever asked for it here got the order's answer first. */
  async onOrderRefundDue({ refundId, orderId, paymentId, amount, reason }: RefundDue, delivery: Delivery): Promise<void> {
    const { transaction } = delivery as TransactionalDelivery;
    const refund = { id: refundId, orderId, paymentId: paymentId ?? cashIdOf(orderId), amount, reason };
    if (!(await this.refunds.add(transaction, refund))) {
      // Cash is told of by another event, which may still be on its way.
      if (paymentId === null) throw refuse('unavailable', 'the cash of this order is not noted yet');
      throw new Error(`refund ${refundId} of order ${orderId} names ${paymentId}, which is not known here`);
    }
    transaction.afterCommit(() => this.sender.wake());
  }

  async onOrderCashCollected({ orderId, amount }: CashCollected, delivery: Delivery): Promise<void> {
    await this.payments.recordCash((delivery as TransactionalDelivery).transaction, orderId, amount);
  }
}
