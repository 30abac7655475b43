import Razorpay from 'razorpay';
import { inSpan, SpanKind } from '#libs/observability/tracing';
import { type RazorpayOperation, type RazorpayOutcome, razorpayErrors, razorpaySeconds } from './payment.metrics.ts';
import { RazorpayBreaker } from './razorpay-breaker.ts';
import {
  RazorpayBusy,
  RazorpayRefused,
  RazorpayUnauthorised,
  RazorpayUnavailable,
  RazorpayUnknown,
  razorpayErrorOf,
} from './razorpay-errors.ts';
import {
  isRazorpayId,
  type RazorpayOrder,
  type RazorpayPayment,
  type RazorpayRefund,
  readItems,
  readOrder,
  readPayment,
  readRefund,
  readSettled,
  type SettledItem,
} from './razorpay-objects.ts';
import { RazorpayWire } from './razorpay-wire.ts';

export interface RazorpayOptions {
  readonly keyId: string;
  readonly keySecret: string;
  /** The host, without /v1. */
  readonly baseUrl: string;
  /** Milliseconds until an answer counts as lost; 4,000 unless said. */
  readonly timeoutMs?: number;
  /** Hears when Razorpay refuses our key (401), and when it accepts it again. */
  readonly onKey?: (isAccepted: boolean) => void;
  /** Hears when Razorpay is left alone for not answering, and when it is asked again. */
  readonly onBreaker?: (isOpen: boolean) => void;
}

/** The part of the package's private surface we rely on (2.9.8, pinned; a test proves it): its axios instance. */
export interface PrivateSurface {
  readonly rq: {
    readonly defaults: Record<string, unknown>;
    post(url: string, body: unknown, config: { headers: Record<string, string> }): Promise<{ data: unknown }>;
  };
}

/** Beyond the timeout of the socket, which a server that dribbles bytes could stretch. */
const BREAKER_MARGIN_MS = 500;
const MAX_FAILURES = 3;
const MAX_ACTIVE = 32;
/** Lines of a settlement asked for at a time; Razorpay gives up to 1,000. */
export const RECON_PAGE = 500;
const MAX_ANSWER_BYTES = 2 * 1_048_576;

/**
 * Razorpay through its own package, whose host and missing timeout can only be changed after construction; the two calls of every purchase
 * go by a connection of ours (`razorpay-wire.ts`). Every method throws one of the five errors of `razorpay-errors.ts` and nothing else.
 */
export class RazorpayClient {
  private readonly razorpay: Razorpay;
  private readonly axios: PrivateSurface['rq'];
  private readonly wire: RazorpayWire;
  private readonly breaker: RazorpayBreaker;
  private readonly onKey: (isAccepted: boolean) => void;
  /** Undefined before the first answer. */
  private isKeyAccepted: boolean | undefined;

  constructor({ keyId, keySecret, baseUrl, timeoutMs = 4_000, onKey = () => undefined, onBreaker = () => undefined }: RazorpayOptions) {
    this.razorpay = new Razorpay({ key_id: keyId, key_secret: keySecret });
    this.axios = (this.razorpay.api as unknown as PrivateSurface).rq;
    const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(baseUrl).hostname);
    Object.assign(this.axios.defaults, {
      baseURL: baseUrl,
      timeout: timeoutMs,
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      // A proxy from the environment cannot reach our own machine.
      ...(isLocal ? { proxy: false } : {}),
    });
    this.wire = new RazorpayWire({
      ...{ keyId, keySecret, baseUrl },
      silenceMs: timeoutMs,
      limitMs: timeoutMs + BREAKER_MARGIN_MS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
    this.onKey = onKey;
    this.breaker = new RazorpayBreaker({
      maxFailures: MAX_FAILURES,
      maxActive: MAX_ACTIVE,
      timeoutMs: timeoutMs + BREAKER_MARGIN_MS,
      onChange: onBreaker,
    });
  }

  /** Captured automatically once authorised. Not idempotent: look up by receipt before asking again. */
  async createOrder(order: { amount: number; currency: string; receipt: string }): Promise<RazorpayOrder> {
    const created = await this.call('createOrder', () => this.wire.post('/v1/orders', { ...order, payment_capture: true }), readOrder);
    if (created.amount !== order.amount || created.currency !== order.currency)
      throw new RazorpayUnknown('Razorpay created an order of another amount');
    return created;
  }

  /** The order with this receipt: the paid one if any, else the oldest. */
  async orderByReceipt(receipt: string): Promise<RazorpayOrder | undefined> {
    const found = await this.call(
      'orderByReceipt',
      () => this.razorpay.orders.all({ receipt }),
      (value) => readItems(value, readOrder),
    );
    const own = found.filter((order) => order.receipt === receipt);
    return own.find((order) => order.status === 'paid') ?? own.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))[0];
  }

  async payment(id: string): Promise<RazorpayPayment> {
    this.mustBe('payment', id);
    const found = await this.call('payment', () => this.wire.get(`/v1/payments/${id}`), readPayment);
    if (found.id !== id) throw new RazorpayUnknown('Razorpay answered with another payment');
    return found;
  }

  async paymentsOf(orderId: string): Promise<RazorpayPayment[]> {
    this.mustBe('order', orderId);
    const found = await this.call(
      'paymentsOf',
      () => this.razorpay.orders.fetchPayments(orderId),
      (value) => readItems(value, readPayment),
    );
    if (found.some((payment) => payment.orderId !== orderId)) throw new RazorpayUnknown('Razorpay answered with payments of another order');
    return found;
  }

  /** `amount` must be the authorised one. */
  async capture(id: string, amount: number, currency: string): Promise<RazorpayPayment> {
    this.mustBe('payment', id);
    return this.call('capture', () => this.razorpay.payments.capture(id, amount, currency), readPayment);
  }

  /** The same key and body give the same refund, however often. The package drops the header, so this goes around it. */
  async refund(paymentId: string, refund: { amount: number; receipt: string }, key: string): Promise<RazorpayRefund> {
    this.mustBe('payment', paymentId);
    const made = await this.call(
      'refund',
      async () => {
        const { data } = await this.axios.post(`/v1/payments/${paymentId}/refund`, refund, { headers: { 'X-Refund-Idempotency': key } });
        return data;
      },
      readRefund,
    );
    if (made.paymentId !== paymentId || made.amount !== refund.amount)
      throw new RazorpayUnknown('Razorpay answered with a refund of another payment or amount');
    return made;
  }

  /** A payment's refunds, up to a hundred, which is more than anybody makes. */
  async refundsOf(paymentId: string): Promise<RazorpayRefund[]> {
    this.mustBe('payment', paymentId);
    return this.call(
      'refundsOf',
      () => this.razorpay.payments.fetchMultipleRefund(paymentId, { count: 100 }),
      (value) => readItems(value, readRefund),
    );
  }

  /** What settled on a day in India; `page` counts from 0, and one that is shorter than `RECON_PAGE` is the last. */
  async settledOn({ year, month, day }: { year: number; month: number; day: number }, page: number): Promise<SettledItem[]> {
    return this.call(
      'settledOn',
      () => this.razorpay.settlements.reports({ year, month, day, count: RECON_PAGE, skip: page * RECON_PAGE } as never),
      (value) => readItems(value, readSettled),
    );
  }

  async refundById(id: string): Promise<RazorpayRefund> {
    this.mustBe('refund', id);
    const found = await this.call('refundById', () => this.razorpay.refunds.fetch(id), readRefund);
    if (found.id !== id) throw new RazorpayUnknown('Razorpay answered with another refund');
    return found;
  }

  /** Whether Razorpay is left alone because it does not answer; `probe` finds out when that is over. */
  get isOpen(): boolean {
    return this.breaker.isOpen;
  }

  /** What stands in the way of asking Razorpay, for staff. */
  get state(): 'up' | 'silent' | 'key_refused' {
    return this.isOpen ? 'silent' : this.isKeyAccepted === false ? 'key_refused' : 'up';
  }

  /** Asks the cheapest question while Razorpay does not answer or refuses our key; never throws. */
  async probe(): Promise<void> {
    if (this.state === 'up') return;
    const ask = () =>
      this.read(
        () => this.razorpay.orders.all({ count: 1 }),
        (value) => readItems(value, readOrder),
      );
    await this.measured('probe', () => this.breaker.probe(ask)).catch(() => undefined);
  }

  private mustBe(kind: 'order' | 'payment' | 'refund', id: string): void {
    if (!isRazorpayId(kind, id)) throw new RazorpayRefused(400, 'BAD_REQUEST_ERROR', `not the id of a ${kind}`);
  }

  /** Measured and traced; Razorpay's own time only, for nothing is sent while the breaker is open. */
  private call<T>(operation: RazorpayOperation, send: () => Promise<unknown>, read: (value: unknown) => T | undefined): Promise<T> {
    return this.measured(operation, () => this.breaker.run(() => this.read(send, read)));
  }

  private async measured<T>(operation: RazorpayOperation, ask: () => Promise<T>): Promise<T> {
    const ended = razorpaySeconds.startTimer({ operation });
    try {
      const answer = await inSpan(`razorpay ${operation}`, SpanKind.CLIENT, { 'peer.service': 'razorpay' }, ask);
      ended({ outcome: 'ok' });
      this.noteKey(true);
      return answer;
    } catch (error) {
      const outcome = outcomeOf(error);
      ended({ outcome });
      razorpayErrors.inc({ kind: outcome });
      if (error instanceof RazorpayUnauthorised) this.noteKey(false);
      else if (error instanceof RazorpayRefused) this.noteKey(true);
      throw error;
    }
  }

  /** Tells of the first answer, and of each change once. */
  private noteKey(isAccepted: boolean): void {
    if (this.isKeyAccepted === isAccepted) return;
    this.isKeyAccepted = isAccepted;
    this.onKey(isAccepted);
  }

  private async read<T>(send: () => Promise<unknown>, read: (value: unknown) => T | undefined): Promise<T> {
    try {
      const value = read(await send());
      if (value === undefined) throw new RazorpayUnknown('Razorpay gave an answer that cannot be read');
      return value;
    } catch (error) {
      throw razorpayErrorOf(error);
    }
  }
}

const outcomeOf = (error: unknown): RazorpayOutcome =>
  error instanceof RazorpayRefused
    ? 'refused'
    : error instanceof RazorpayUnauthorised
      ? 'unauthorised'
      : error instanceof RazorpayBusy
        ? 'busy'
        : error instanceof RazorpayUnavailable
          ? 'not_asked'
          : 'no_answer';
