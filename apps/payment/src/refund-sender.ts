import { Injectable } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { inLinkedSpan } from '#libs/observability/tracing';
import { type Backoff, backoff } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { type PaymentEnv, paymentEnv } from './payment.env.ts';
import { refundOutcomes } from './payment.metrics.ts';
import { refundKeyOf, refundReceiptOf } from './payment.ts';
import { RazorpayClient } from './razorpay-client.ts';
import { isRazorpayError, RazorpayRefused } from './razorpay-errors.ts';
import type { RazorpayRefund } from './razorpay-objects.ts';
import { type DueRefund, RefundRepository } from './refund.repository.ts';
import { RefundChangeRepository } from './refund-changes.repository.ts';

/** Razorpay's answer while the first request with this key is under way. */
const IN_PROGRESS = 409;
const SEND_MS = 5_000;
const PAUSE: Backoff = { baseSeconds: 1, maxSeconds: 300 };

/** Brings pending refunds to Razorpay. An attempt keeps its key and body: however many answers are lost, money goes back once. */
@Injectable()
export class RefundSender {
  private readonly round: Round;

  constructor(
    private readonly database: Database,
    private readonly refunds: RefundRepository,
    private readonly changes: RefundChangeRepository,
    private readonly razorpay: RazorpayClient,
    @InjectEnvironment(paymentEnv) private readonly env: PaymentEnv,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    this.round = rounds.every('payment.send_refunds', SEND_MS, () => this.sendDue());
  }

  /** Refunds are due now, or after so many seconds. */
  wake(seconds = 0): void {
    this.round.wake(seconds * 1_000);
  }

  /** One round over what is due. */
  async sendDue(): Promise<void> {
    const due = await this.refunds.claimDue();
    await Promise.all(due.map((refund) => inLinkedSpan('payment.send_refund', refund.traceparent, () => this.send(refund))));
  }

  private async send(due: DueRefund): Promise<void> {
    try {
      const refund = await this.ask(due);
      if (refund === undefined) return await this.failOverdrawn(due);
      await this.database.transaction((tx) => this.changes.recordAnswer(tx, due, refund, this.env.RECONCILE_AFTER_SECONDS));
    } catch (error) {
      if (!isRazorpayError(error)) throw error;
      await this.onError(due, error);
    }
  }

  /** Undefined for a refund that must not be made any more, and that no earlier try has made. */
  private async ask({
    id,
    attempt,
    tries,
    paymentId,
    amount,
    razorpayRefundId,
    isOverdrawn,
  }: DueRefund): Promise<RazorpayRefund | undefined> {
    if (razorpayRefundId !== null) return this.razorpay.refundById(razorpayRefundId);
    const receipt = refundReceiptOf(id, attempt);
    if (!isOverdrawn) return this.razorpay.refund(paymentId, { amount, receipt }, refundKeyOf(id, attempt));
    // Razorpay may have made an earlier try whose answer was lost.
    return tries === 1 ? undefined : (await this.razorpay.refundsOf(paymentId)).find((refund) => refund.receipt === receipt);
  }

  private async onError(due: DueRefund, error: Error): Promise<void> {
    const isFinal = error instanceof RazorpayRefused && ![IN_PROGRESS, 403].includes(error.status);
    if (isFinal && due.razorpayRefundId === null && !due.isOverdrawn) return this.fail(due, error.message);
    refundOutcomes.inc({ outcome: 'postponed' });
    const seconds = backoff(due.tries, PAUSE);
    this.logger.warn({ refundId: due.id, tries: due.tries, reason: error.message }, 'refund.postponed');
    await this.refunds.tryAgainAfter(due.id, seconds, error.message);
    this.wake(seconds + 0.1);
  }

  /** Another refund of the payment may have failed meanwhile and left room for this one, which is then sent after all. */
  private async failOverdrawn(due: DueRefund): Promise<void> {
    const reason = 'the dispute was lost: the bank has given the money back';
    await this.database.transaction((tx) => this.changes.failOverdrawn(tx, due, reason));
  }

  private async fail(due: DueRefund, reason: string): Promise<void> {
    await this.database.transaction((tx) => this.changes.fail(tx, due, reason));
  }
}
