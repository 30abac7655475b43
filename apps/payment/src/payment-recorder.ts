import { Injectable } from '@nestjs/common';
import { paymentApi } from '#libs/contracts/payment/api';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import type { Publication, Transaction } from '#libs/persistence/transaction';
import { InjectLogger } from '#libs/runtime/core.module';
import { capturedPaise, paymentOutcomes } from './payment.metrics.ts';
import { PaymentRepository, type RecordedPayment } from './payment.repository.ts';
import type { RazorpayPayment } from './razorpay-objects.ts';

export interface Recorded extends RecordedPayment {
  /** Present when this call made the capture take effect. */
  readonly publication?: Publication;
}

/** Records money, the same for webhooks, the client's own report and the reconciler. */
@Injectable()
export class PaymentRecorder {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentRepository,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  record(payment: RazorpayPayment): Promise<Recorded | undefined> {
    return this.database.transaction((tx) => this.recordIn(tx, payment));
  }

  /** Publishes amount and currency as Razorpay gave them; the order service judges whether they fit. */
  async recordIn(tx: Transaction, payment: RazorpayPayment): Promise<Recorded | undefined> {
    const recorded = await this.payments.record(tx, payment);
    if (recorded?.isFirst !== true) return recorded;
    const { orderId } = recorded;
    const { id: paymentId, amount, currency, method, status } = payment;
    tx.afterCommit(() => {
      this.logger.info({ orderId, paymentId, amount, currency, method }, `payment.${status}`);
      paymentOutcomes.inc({ outcome: status });
      if (status === 'captured' && currency === 'INR') capturedPaise.inc(amount);
    });
    if (status !== 'captured') return recorded;
    return { ...recorded, publication: tx.publish(paymentApi.events.captured, { orderId, paymentId, amount, currency }) };
  }
}
