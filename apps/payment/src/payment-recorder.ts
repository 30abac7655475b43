import { Injectable } from '@nestjs/common';
import { paymentApi } from '#libs/contracts/payment/api';
import { Database, type Publication, type Transaction } from '#libs/persistence/database';
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
  ) {}

  record(payment: RazorpayPayment): Promise<Recorded | undefined> {
    return this.database.transaction((tx) => this.recordIn(tx, payment));
  }

  /** Publishes amount and currency as Razorpay gave them; the order service judges whether they fit. */
  async recordIn(tx: Transaction, payment: RazorpayPayment): Promise<Recorded | undefined> {
    const recorded = await this.payments.record(tx, payment);
    if (recorded?.isFirstCapture !== true) return recorded;
    const { orderId } = recorded;
    const { id: paymentId, amount, currency } = payment;
    return { ...recorded, publication: tx.publish(paymentApi.events.captured, { orderId, paymentId, amount, currency }) };
  }
}
