import { Injectable } from '@nestjs/common';
import type { Order } from '#libs/contracts/order/views';
import { paymentApi } from '#libs/contracts/payment/api';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import { Letter, type Publication } from '#libs/persistence/letter';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectLogger } from '#libs/runtime/core.module';
import { capturedPaise, paymentOutcomes } from './payment.metrics.ts';
import { type News, PaymentRepository, type RecordedPayment } from './payment.repository.ts';
import type { RazorpayPayment } from './razorpay-objects.ts';

/** A webhook as it is kept. */
export interface KeptWebhook {
  readonly id: string;
  readonly name: string;
  readonly body: Buffer;
}

/** Records money, the same for webhooks, the client's own report and the reconciler. */
@Injectable()
export class PaymentRecorder {
  /** Reports of a payment that this process is recording, each until the order service has answered where it published a capture. */
  private readonly underway = new Map<string, Set<Promise<Order | undefined>>>();

  constructor(
    private readonly database: Database,
    private readonly payments: PaymentRepository,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  record(payment: RazorpayPayment): Promise<RecordedPayment | undefined> {
    return this.noteUnderway(payment, async () => {
      const news = newsOf(payment);
      const recorded = await this.payments.record(this.database, payment, news);
      return { result: recorded, answer: this.tellIfFirst(payment, news, recorded) };
    });
  }

  /** Records what a webhook reports, and keeps it. `isNew`: the webhook was not processed before. */
  recordWebhook(payment: RazorpayPayment, webhook: KeptWebhook): Promise<{ isOurs: boolean; isNew: boolean }> {
    return this.noteUnderway(payment, async () => {
      const news = newsOf(payment);
      const { recorded, isNew } = await this.payments.recordWebhook(payment, news, webhook);
      return { result: { isOurs: recorded !== undefined, isNew }, answer: this.tellIfFirst(payment, news, recorded) };
    });
  }

  /** In the transaction of a report that says more than this. */
  async recordIn(tx: Transaction, payment: RazorpayPayment): Promise<RecordedPayment | undefined> {
    const news = newsOf(payment);
    const recorded = await this.payments.record(tx, payment, news);
    if (recorded?.isFirst !== true) return recorded;
    tx.afterCommit(() => this.report(payment, recorded));
    if (news !== undefined) tx.sent(news.letter, toldOf(payment, recorded, news.at));
    return recorded;
  }

  isRecording(paymentId: string): boolean {
    return this.underway.has(paymentId);
  }

  /**
   * Waits for the reports of a payment that this process is recording. The order as its service answered to the capture, when one of them
   * was it.
   */
  async orderHeardOf(paymentId: string): Promise<Order | undefined> {
    for (;;) {
      const reports = this.underway.get(paymentId);
      if (reports === undefined) return undefined;
      const heard = (await Promise.all(reports)).find((order) => order !== undefined);
      if (heard !== undefined) return heard;
    }
  }

  private async noteUnderway<T>(
    { id }: RazorpayPayment,
    work: () => Promise<{ readonly result: T; readonly answer: Promise<Order | undefined> }>,
  ): Promise<T> {
    const working = work();
    const answered = working.then(
      ({ answer }) => answer,
      () => undefined,
    );
    const reports = this.underway.get(id) ?? new Set();
    this.underway.set(id, reports.add(answered));
    void answered.then(() => {
      reports.delete(answered);
      if (reports.size === 0) this.underway.delete(id);
    });
    return (await working).result;
  }

  private async tellIfFirst(
    payment: RazorpayPayment,
    news: News | undefined,
    recorded: RecordedPayment | undefined,
  ): Promise<Order | undefined> {
    if (recorded?.isFirst !== true) return undefined;
    const publication = news === undefined ? undefined : this.database.sent(news.letter, toldOf(payment, recorded, news.at));
    this.report(payment, recorded);
    return payment.status === 'captured' ? orderIn(publication) : undefined;
  }

  private report({ id: paymentId, amount, currency, method, status }: RazorpayPayment, { orderId }: RecordedPayment): void {
    this.logger.info({ orderId, paymentId, amount, currency, method }, `payment.${status}`);
    paymentOutcomes.inc({ outcome: status });
    if (status === 'captured' && currency === 'INR') capturedPaise.inc(amount);
  }
}

const EVENTS = { captured: paymentApi.events.captured, failed: paymentApi.events.failed };

const newsOf = ({ status }: RazorpayPayment): News | undefined =>
  status === 'captured' || status === 'failed' ? { letter: new Letter(EVENTS[status]), at: new Date().toISOString() } : undefined;

/** The payload that the statement has written. */
const toldOf = (
  { id: paymentId, amount, currency, orderId: providerOrderId, status }: RazorpayPayment,
  { orderId, userId }: RecordedPayment,
  at: string,
): object => (status === 'captured' ? { orderId, paymentId, amount, currency, providerOrderId } : { orderId, userId, paymentId, at });

async function orderIn(publication: Publication | undefined): Promise<Order | undefined> {
  const answer = await publication?.answer;
  // The other side's writer lets nothing else leave.
  return answer === undefined || answer === '' ? undefined : (JSON.parse(answer) as Order);
}
