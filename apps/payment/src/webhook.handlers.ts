import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { RawRequest } from '#libs/contracts/contract';
import { paymentApi } from '#libs/contracts/payment/api';
import type { WebhookReceipt } from '#libs/contracts/payment/views';
import type { Logger } from '#libs/observability/logger';
import { inLinkedSpan } from '#libs/observability/tracing';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { Rounds } from '#libs/runtime/rounds';
import { type PaymentEnv, paymentEnv } from './payment.env.ts';
import { disputeOutcomes, webhookAge, webhooks } from './payment.metrics.ts';
import { PaymentRepository } from './payment.repository.ts';
import { FINAL_DISPUTES } from './payment.ts';
import { PaymentRecorder } from './payment-recorder.ts';
import { fieldsOf, type RazorpayDispute, type RazorpayPayment, readDispute, readPayment, readRefund } from './razorpay-objects.ts';
import { isSignedBy } from './razorpay-signature.ts';
import { RefundChangeRepository } from './refund-changes.repository.ts';
import { RefundSender } from './refund-sender.ts';
import { WebhookRepository } from './webhook.repository.ts';

const SWEEP_MS = 5_000;

type Outcome = 'recorded' | 'ignored' | 'unknown_order' | 'unreadable';

/**
 * Checks Razorpay's callbacks and stores them with their effect in one transaction, so that only our own database stands between Razorpay
 * and its 2xx. A callback whose effect fails is stored alone, and a round processes it later. Old events are accepted: Razorpay repeats them
 * for a day, people replay them for a week, and states only move forward.
 */
@Injectable()
export class WebhookHandlers {
  private readonly secrets: readonly string[];

  constructor(
    private readonly database: Database,
    private readonly events: WebhookRepository,
    private readonly recorder: PaymentRecorder,
    private readonly payments: PaymentRepository,
    private readonly refunds: RefundChangeRepository,
    private readonly sender: RefundSender,
    @InjectEnvironment(paymentEnv) env: PaymentEnv,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    rounds.every('payment.process_webhooks', SWEEP_MS, () => this.sweep());
    const { RAZORPAY_WEBHOOK_SECRET: present, RAZORPAY_WEBHOOK_SECRET_PREVIOUS: previous } = env;
    this.secrets = previous === undefined ? [present] : [present, previous];
  }

  async webhook({ bytes: body, headers }: RawRequest): Promise<WebhookReceipt> {
    if (!isSignedBy(this.secrets, body, headers['x-razorpay-signature'] ?? '')) {
      webhooks.inc({ outcome: 'refused' });
      this.logger.warn({ bytes: body.length, isSigned: headers['x-razorpay-signature'] !== undefined }, 'webhook.refused');
      throw paymentApi.refuse('payment.bad_signature', 'The signature does not fit the body');
    }
    const id = eventKey(headers['x-razorpay-event-id'], body);
    const { name, payload, madeAt } = readEvent(body);
    try {
      const payment = paymentIn(name, payload);
      if (payment !== undefined) {
        const { isOurs, isNew } = await this.recorder.recordWebhook(payment, { id, name, body });
        this.count(!isNew ? 'duplicate' : isOurs ? 'recorded' : 'unknown_order', id, name, madeAt);
        return { accepted: isNew };
      }
      const accepted = await this.database.transaction(async (tx) => {
        const outcome = await this.apply(tx, name, payload);
        const isFirst = await this.events.storeProcessed(tx, { id, body, name, outcome });
        tx.afterCommit(() => this.count(isFirst ? outcome : 'duplicate', id, name, madeAt));
        return isFirst;
      });
      return { accepted };
    } catch (error) {
      const accepted = await this.events.store(id, body);
      this.countFailed(error, id, name);
      return { accepted };
    }
  }

  /** Processes the callbacks that were stored alone. */
  async sweep(): Promise<void> {
    for (const { id, body, tries, traceparent } of await this.events.claimWaiting()) {
      this.logger.warn({ eventId: id, tries }, 'webhook.taken_up_again');
      await inLinkedSpan('payment.process_webhook', traceparent, () => this.process(id, body));
    }
  }

  /** Never throws: the event is stored, and the sweep comes back to it. */
  private async process(id: string, body: Buffer): Promise<void> {
    const { name, payload, madeAt } = readEvent(body);
    try {
      await this.database.transaction(async (tx) => {
        const outcome = await this.apply(tx, name, payload);
        this.events.settle(tx, { id, name, outcome });
        tx.afterCommit(() => this.count(outcome, id, name, madeAt));
      });
    } catch (error) {
      this.countFailed(error, id, name);
    }
  }

  /** Staff answers disputes in Razorpay's dashboard, in time. */
  private tellOfDispute({ id: disputeId, amount, status }: RazorpayDispute, orderId: string): void {
    this.logger.warn({ disputeId, orderId, amount, status }, 'payment.dispute');
    if (status === 'open') disputeOutcomes.inc({ outcome: 'opened' });
    if (FINAL_DISPUTES.includes(status)) disputeOutcomes.inc({ outcome: status });
  }

  private count(outcome: Outcome | 'duplicate', eventId: string, event: string, madeAt: number | undefined): void {
    webhooks.inc({ outcome });
    if (outcome === 'recorded' && madeAt !== undefined) webhookAge.observe(Math.max(0, Date.now() / 1_000 - madeAt));
    if (outcome !== 'recorded' && outcome !== 'duplicate') this.logger.info({ eventId, event, outcome }, 'webhook.without_effect');
  }

  private countFailed(error: unknown, eventId: string, event: string): void {
    webhooks.inc({ outcome: 'failed' });
    this.logger.error({ err: error, eventId, event }, 'webhook.failed');
  }

  private async apply(tx: Transaction, name: string, payload: Readonly<Record<string, unknown>>): Promise<Outcome> {
    const entity = (kind: string): unknown => entityIn(payload, kind);
    if (name.startsWith('payment.dispute.')) {
      const dispute = readDispute(entity('dispute'));
      if (dispute === undefined) return 'unreadable';
      const payment = readPayment(entity('payment'));
      if (payment !== undefined) await this.recorder.recordIn(tx, payment);
      // The refunds of this payment have waited for the end of its dispute.
      tx.afterCommit(() => this.sender.wake());
      const known = await this.payments.recordDispute(tx, dispute);
      if (known === undefined) return 'unknown_order';
      if (dispute.status === 'lost') await this.refunds.bookLostDispute(tx, dispute.id, dispute.paymentId);
      if (known.isNews) tx.afterCommit(() => this.tellOfDispute(dispute, known.orderId));
      if (known.isFirst && !FINAL_DISPUTES.includes(dispute.status)) {
        const { amount } = dispute;
        tx.publish(paymentApi.events.needsPerson, { kind: 'dispute', orderId: known.orderId, amount, at: new Date().toISOString() });
      }
      return 'recorded';
    }
    if (isAboutPayment(name)) {
      const payment = paymentIn(name, payload);
      if (payment === undefined) return 'unreadable';
      return (await this.recorder.recordIn(tx, payment)) === undefined ? 'unknown_order' : 'recorded';
    }
    if (name.startsWith('refund.')) {
      const refund = readRefund(entity('refund'));
      if (refund === undefined) return 'unreadable';
      const payment = readPayment(entity('payment'));
      if (payment !== undefined) await this.recorder.recordIn(tx, payment);
      return (await this.refunds.recordReport(tx, refund)) ? 'recorded' : 'unknown_order';
    }
    return 'ignored';
  }
}

const isAboutPayment = (name: string): boolean =>
  name === 'order.paid' || (name.startsWith('payment.') && !name.startsWith('payment.dispute.') && !name.startsWith('payment.downtime.'));

/** The payment of an event that reports nothing else. */
const paymentIn = (name: string, payload: Readonly<Record<string, unknown>>): RazorpayPayment | undefined =>
  isAboutPayment(name) ? readPayment(entityIn(payload, 'payment')) : undefined;

const entityIn = (payload: Readonly<Record<string, unknown>>, kind: string): unknown => fieldsOf(payload[kind]).entity;

/** Names an event the same at each delivery: by its header, or by its body where the header cannot be used. */
function eventKey(header: string | undefined, body: Buffer): string {
  return header !== undefined && /^[A-Za-z0-9_-]{1,64}$/.test(header) ? header : `sha256:${hash('sha256', body, 'hex')}`;
}

/** `madeAt`: in seconds, by Razorpay's clock. */
function readEvent(body: Buffer): { name: string; payload: Readonly<Record<string, unknown>>; madeAt?: number } {
  try {
    const { event, payload, created_at } = fieldsOf(JSON.parse(body.toString()));
    const name = typeof event === 'string' ? event.replaceAll('\0', '').slice(0, 100) : '';
    return { name, payload: fieldsOf(payload), ...(typeof created_at === 'number' ? { madeAt: created_at } : {}) };
  } catch {
    return { name: '', payload: {} };
  }
}
