import { Injectable } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { type PaymentEnv, paymentEnv } from './payment.env.ts';
import { refundOutcomes } from './payment.metrics.ts';
import { backoffSeconds, receiptOf, refundKeyOf } from './payment.ts';
import { RazorpayClient } from './razorpay.client.ts';
import { isRazorpayError, RazorpayRefused } from './razorpay.errors.ts';
import type { RazorpayRefund } from './razorpay.objects.ts';
import { type DueRefund, RefundRepository } from './refund.repository.ts';

/** The first request with this key is still under way. */
const IN_PROGRESS = 409;

/** Brings pending refunds to Razorpay. Each attempt has the same key and body, so that however many answers are lost, money goes back once. */
@Injectable()
export class RefundSender {
  private readonly timers = new Set<NodeJS.Timeout>();
  private running: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly refunds: RefundRepository,
    private readonly razorpay: RazorpayClient,
    @InjectEnvironment(paymentEnv) private readonly env: PaymentEnv,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  /** Starts a round soon; never throws. */
  wake(seconds = 0): void {
    if (this.isStopped) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.sendDue().catch((error: unknown) => this.logger.warn({ err: error }, 'refund.round_failed'));
    }, seconds * 1_000);
    timer.unref();
    this.timers.add(timer);
  }

  /** One round at a time in this process; a second call waits for the first and then runs its own. */
  async sendDue(): Promise<void> {
    while (this.running !== undefined) await this.running.catch(() => undefined);
    if (this.isStopped) return;
    this.running = this.round().finally(() => {
      this.running = undefined;
    });
    await this.running;
  }

  /** Ends after the round that runs. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await this.running?.catch(() => undefined);
  }

  private async round(): Promise<void> {
    const due = await this.refunds.claimDue();
    await Promise.all(due.map((refund) => this.send(refund)));
  }

  private async send(due: DueRefund): Promise<void> {
    try {
      const refund = await this.ask(due);
      await this.refunds.answered(due.id, refund, this.env.RECONCILE_AFTER_SECONDS);
      refundOutcomes.inc({ outcome: refund.status });
      this.logger.info({ refundId: due.id, orderId: due.orderId, state: refund.status }, 'refund.answered');
      if (refund.status === 'failed') this.logger.error({ refundId: due.id, orderId: due.orderId }, 'refund.failed');
    } catch (error) {
      if (!isRazorpayError(error)) throw error;
      await this.onError(due, error);
    }
  }

  private ask({ id, paymentId, amount, razorpayRefundId }: DueRefund): Promise<RazorpayRefund> {
    if (razorpayRefundId !== null) return this.razorpay.refundById(razorpayRefundId);
    return this.razorpay.refund(paymentId, { amount, receipt: receiptOf(id) }, refundKeyOf(id));
  }

  private async onError(due: DueRefund, error: Error): Promise<void> {
    const isFinal = error instanceof RazorpayRefused && ![IN_PROGRESS, 401, 403].includes(error.status);
    if (isFinal && due.razorpayRefundId === null) {
      refundOutcomes.inc({ outcome: 'refused' });
      this.logger.error({ refundId: due.id, orderId: due.orderId, reason: error.message }, 'refund.refused');
      await this.refunds.refused(due.id, error.message);
      return;
    }
    refundOutcomes.inc({ outcome: 'postponed' });
    const seconds = backoffSeconds(due.tries);
    this.logger.warn({ refundId: due.id, tries: due.tries, reason: error.message }, 'refund.postponed');
    await this.refunds.tryAgainAfter(due.id, seconds, error.message);
    this.wake(seconds + 0.1);
  }
}
