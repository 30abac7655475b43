import { Injectable } from '@nestjs/common';
import type { AccountErased } from '#libs/contracts/auth/messages';
import { refuse } from '#libs/contracts/errors';
import type { CaptureRejected, CashCollected, RefundDue } from '#libs/contracts/order/messages';
import { paymentApi } from '#libs/contracts/payment/api';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger } from '#libs/runtime/core.module';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { InstrumentRepository } from './instrument.repository.ts';
import { PaymentRepository } from './payment.repository.ts';
import { cashIdOf } from './payment.ts';
import { RefundChangeRepository } from './refund-changes.repository.ts';
import { RefundSender } from './refund-sender.ts';

@Injectable()
export class PaymentReactions {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly refunds: RefundChangeRepository,
    private readonly sender: RefundSender,
    private readonly instruments: InstrumentRepository,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  /** Gives a capture that the order does not take back, whole and once. */
  async onOrderCaptureRejected({ orderId, paymentId, reason }: CaptureRejected, { transaction }: TransactionalDelivery): Promise<void> {
    const amount = await this.refunds.createForRejected(transaction, orderId, paymentId, `rejected: ${reason}`);
    if (amount === undefined) throw new Error(`order ${orderId} rejected a capture of ${paymentId}, which is not known here`);
    if (reason === 'amount_mismatch')
      transaction.publish(paymentApi.events.needsPerson, { kind: 'amount_mismatch', orderId, amount, at: new Date().toISOString() });
    this.logger.warn({ orderId, reason }, 'capture.rejected');
    transaction.afterCommit(() => this.sender.wake());
  }

  /** Makes the refund, unless the request that asked for it here has made it already. */
  async onOrderRefundDue(
    { refundId, orderId, paymentId, amount, reason }: RefundDue,
    { transaction }: TransactionalDelivery,
  ): Promise<void> {
    const refund = { id: refundId, orderId, paymentId: paymentId ?? cashIdOf(orderId), amount, reason };
    if (!(await this.refunds.create(transaction, refund))) {
      // The event that tells of the cash may still be on its way.
      if (paymentId === null) throw refuse('unavailable', 'the cash of this order is not noted yet');
      throw new Error(`refund ${refundId} of order ${orderId} names ${paymentId}, which is not known here`);
    }
    transaction.afterCommit(() => this.sender.wake());
  }

  /** Payments and refunds stay: they are books. */
  async onAuthErased({ userId }: AccountErased, { transaction }: TransactionalDelivery): Promise<void> {
    await this.instruments.forget(transaction, userId);
  }

  async onOrderCashCollected({ orderId, amount }: CashCollected, { transaction }: TransactionalDelivery): Promise<void> {
    await this.payments.recordCash(transaction, orderId, amount);
  }
}
