import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account.ts';
import { type DisputeStep, moveDispute, openDispute } from './disputes.ts';
import type { Dispute, Payment, Refund } from './entities.ts';
import type { Fault, FaultKind, Faults } from './faults.ts';
import { type Ledger, ledgerOf } from './ledger.ts';
import { authoriseLate, type PaymentAttempt, payOrder } from './payments.ts';
import { RazorpayError } from './razorpay-error.ts';
import { failRefund, processRefund } from './refunds.ts';
import type { Settings } from './settings.ts';
import type { Violations } from './violations.ts';
import { type EventState, rawEvent, signCheckout, type WebhookEvent } from './webhook-event.ts';
import type { Answer } from './webhook-post.ts';
import type { ReleaseOrder, Twist, Webhooks, WebhookTarget } from './webhooks.ts';

export interface ControlParts {
  readonly account: Account;
  readonly accountId: string;
  readonly keySecret: string;
  readonly endpoints: readonly string[];
  readonly faults: Faults;
  readonly violations: Violations;
  readonly webhooks: Webhooks;
  readonly reset: () => Promise<void>;
}

/** What Checkout hands to the shop's page. */
export interface PaidOrder {
  orderId: string;
  paymentId: string;
  status: Payment['status'];
  /** Valid for order and payment, whatever became of the payment. */
  signature: string;
}

export interface Deliveries extends Twist {
  /** Default 1. */
  times?: number | undefined;
  /** All at once instead of one after the other. */
  parallel?: boolean | undefined;
  /** Ms before the first. */
  delayMs?: number | undefined;
}

export interface NewFault {
  /** `POST /v1/orders` as listed in `endpoints`, or `*`. */
  endpoint: string;
  kind: FaultKind;
  /** Default 1; null: until cleared. */
  times?: number | null | undefined;
  /** For `delay`; default 1000 ms. */
  delayMs?: number | undefined;
}

export interface EventFilter {
  state?: EventState | undefined;
  /** `payment.captured` */
  event?: string | undefined;
  /** The id of an object. */
  about?: string | undefined;
}

export type EventSummary = Omit<WebhookEvent, 'body'>;

/** Everything a test may do to the simulator; the control port offers the same over HTTP. */
export class Controls {
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  get endpoints(): readonly string[] {
    return this.#parts.endpoints;
  }

  /** A customer pays. */
  pay(attempt: PaymentAttempt): PaidOrder {
    return this.#paid(payOrder(this.#parts.account, attempt).entity);
  }

  /** The bank's late answer to a failed payment. */
  authoriseLate(paymentId: string): PaidOrder {
    return this.#paid(authoriseLate(this.#parts.account, paymentId).entity);
  }

  /** Checkout's signature of any two ids. */
  sign(orderId: string, paymentId: string): string {
    return signCheckout(orderId, paymentId, this.#parts.keySecret);
  }

  processRefund(refundId: string): Refund {
    return processRefund(this.#parts.account, refundId).entity;
  }

  failRefund(refundId: string): Refund {
    return failRefund(this.#parts.account, refundId).entity;
  }

  openDispute(paymentId: string, options: { amount?: number | undefined; phase?: Dispute['phase'] | undefined } = {}): Dispute {
    return openDispute(this.#parts.account, paymentId, options.amount, options.phase).entity;
  }

  moveDispute(disputeId: string, step: DisputeStep): Dispute {
    return moveDispute(this.#parts.account, disputeId, step).entity;
  }

  /** Oldest first. */
  events({ state, event: name, about }: EventFilter = {}): EventSummary[] {
    return [...this.#parts.webhooks.events.values()]
      .filter((event) => (state ?? event.state) === event.state && (name ?? event.event) === event.event)
      .filter((event) => about === undefined || event.about.includes(about))
      .map(({ body: _body, ...summary }) => summary);
  }

  event(id: string): WebhookEvent {
    return { ...this.#parts.webhooks.event(id) };
  }

  /** Delivers an event once more, or ten times, or spoilt; resolves with the shop's answers. */
  async deliver(id: string, { times = 1, parallel = false, delayMs = 0, ...twist }: Deliveries = {}): Promise<Answer[]> {
    const { webhooks } = this.#parts;
    if (delayMs > 0) await sleep(delayMs, undefined, { ref: false });
    const once = (): Promise<Answer> => webhooks.deliver(id, twist);
    if (parallel) return Promise.all(Array.from({ length: times }, once));
    const answers: Answer[] = [];
    while (answers.length < times) answers.push(await once());
    return answers;
  }

  /** Sends an event of any name, such as one that the shop does not know. */
  publish(event: string, payload: Record<string, unknown> = {}): EventSummary {
    const { account, accountId, webhooks } = this.#parts;
    const created = rawEvent(accountId, event, Object.keys(payload), payload, account.clock.milliseconds());
    webhooks.publish(created);
    const { body: _body, ...summary } = created;
    return summary;
  }

  hold(): void {
    this.#parts.webhooks.hold();
  }

  /** Resolves when every held event was tried once, with the order in which they went. */
  async release(order: ReleaseOrder = 'queued', seed?: number): Promise<EventSummary[]> {
    const released = await this.#parts.webhooks.release(order, seed);
    return released.map(({ body: _body, ...summary }) => summary);
  }

  /** Waits until nothing is on its way to the shop or due to be; false when that takes longer than `timeoutMs`. Held events do not count. */
  async idle(timeoutMs = 10_000): Promise<boolean> {
    const until = performance.now() + timeoutMs;
    while (this.#parts.webhooks.isBusy()) {
      if (performance.now() >= until) return false;
      await sleep(5);
    }
    return true;
  }

  /** The target without its secrets. */
  webhook(): { url: string | null; enabled: boolean; holding: boolean; hasSecret: boolean; hasPreviousSecret: boolean } {
    const { target, holding } = this.#parts.webhooks;
    const { url, enabled, secret, previousSecret } = target;
    return { url, enabled, holding, hasSecret: secret !== null, hasPreviousSecret: previousSecret !== null };
  }

  changeWebhook(change: Partial<WebhookTarget>): void {
    const { webhooks } = this.#parts;
    const url = change.url === undefined ? webhooks.target.url : change.url;
    const secret = change.secret === undefined ? webhooks.target.secret : change.secret;
    if (url !== null && !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) throw refused('The url must be http or https');
    if (url !== null && (secret === null || secret === '')) throw refused('A webhook url needs a secret');
    webhooks.change(change);
  }

  addFault({ endpoint, kind, times = 1, delayMs = 1000 }: NewFault): Fault {
    if (endpoint !== '*' && !this.#parts.endpoints.includes(endpoint))
      throw refused(`There is no endpoint ${endpoint}; there are *, ${this.#parts.endpoints.join(', ')}`);
    const fault: Fault = { endpoint, kind, times, delayMs };
    this.#parts.faults.add(fault);
    return fault;
  }

  faults(): Fault[] {
    return this.#parts.faults.list();
  }

  clearFaults(): void {
    this.#parts.faults.clear();
  }

  settings(): Settings {
    return { ...this.#parts.account.settings };
  }

  changeSettings(change: Partial<Settings>): Settings {
    Object.assign(this.#parts.account.settings, change);
    return this.settings();
  }

  /** ISO 8601. */
  now(): string {
    return new Date(this.#parts.account.clock.milliseconds()).toISOString();
  }

  /** What falls due within `seconds`, such as retries and late payments, happens at once. */
  advance(seconds: number): string {
    this.#parts.account.clock.advance(seconds * 1000);
    return this.now();
  }

  ledger(): Ledger {
    return ledgerOf(this.#parts.account);
  }

  violations(): ReturnType<Violations['list']> {
    return this.#parts.violations.list();
  }

  clearViolations(): void {
    this.#parts.violations.clear();
  }

  /** Everything as at the first start: no object, event, fault or violation; settings, webhook and clock as given then. */
  reset(): Promise<void> {
    return this.#parts.reset();
  }

  #paid({ id, order_id, status }: Payment): PaidOrder {
    return { orderId: order_id, paymentId: id, status, signature: this.sign(order_id, id) };
  }
}

function refused(description: string): RazorpayError {
  return new RazorpayError(400, { description });
}
