import { Injectable } from '@nestjs/common';
import type { Delivery } from '#libs/contracts/contract';
import type { CaptureRejected } from '#libs/contracts/order';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger } from '#libs/runtime/core.module';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { RefundRepository } from './refund.repository.ts';
import { RefundSender } from './refund.sender.ts';

@Injectable()
export class PaymentReactions {
  constructor(
    private readonly refunds: RefundRepository,
    private readonly sender: RefundSender,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  /** Money that no order takes goes back, whole and once. */
  async onOrderCaptureRejected({ orderId, paymentId, reason }: CaptureRejected, delivery: Delivery): Promise<void> {
    const { transaction } = delivery as TransactionalDelivery;
    const isKnown = await this.refunds.giveBack(transaction, orderId, paymentId, 'refund:rejected', `rejected: ${reason}`);
    if (!isKnown) throw new Error(`order ${orderId} rejected a capture of ${paymentId}, which is not known here`);
    this.logger.warn({ orderId, reason }, 'capture.rejected');
    transaction.afterCommit(() => this.sender.wake());
  }
}
