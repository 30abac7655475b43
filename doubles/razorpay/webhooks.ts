import type { Clock } from './clock.ts';
import { RazorpayError } from './razorpay-error.ts';
import type { Settings, WebhookRetry } from './settings.ts';
import { shuffled } from './shuffle.ts';
import { type Attempt, mutate, signWebhook, type WebhookEvent } from './webhook-event.ts';
import { type Answer, Poster } from './webhook-post.ts';

/** Where events go; without a url they are only recorded. */
export interface WebhookTarget {
  url: string | null;
  secret: string | null;
  previousSecret: string | null;
  /** False once Razorpay would have disabled it: nothing is delivered any more. */
  enabled: boolean;
}

/** How one delivery by hand differs from Razorpay's own. */
export interface Twist {
  /** `previous` signs with the secret before the last change, `wrong` with one that nobody knows. */
  secret?: 'current' | 'previous' | 'wrong' | undefined;
  /** Changes one byte after signing. */
  mutate?: boolean | undefined;
}

export type ReleaseOrder = 'queued' | 'reversed' | 'shuffled' | readonly string[];

export interface WebhooksOptions {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly retry: WebhookRetry;
  readonly target: WebhookTarget;
  /** Called once for every new event. */
  readonly recorded: (event: WebhookEvent) => void;
  /** Called whenever a delivery has changed what is known of an event. */
  readonly written: (event: WebhookEvent) => void;
  readonly forgotten: (event: WebhookEvent) => void;
}

const inFlightAtMost = 32;
const attemptsKept = 20;
/** Settled events beyond this many are forgotten, the oldest first, so that a load test does not fill the memory. */
const settledKept = 10_000;

/** Delivers events as Razorpay does, and in the ways in which a shop must be able to take them. */
export class Webhooks {
  readonly target: WebhookTarget;
  readonly events = new Map<string, WebhookEvent>();
  readonly #around: WebhooksOptions;
  readonly #poster = new Poster();
  readonly #ready: WebhookEvent[] = [];
  /** The secret an event was created under: automatic retries keep it when the secret changes. */
  readonly #secrets = new Map<string, string | null>();
  readonly #settled: string[] = [];
  #holding = false;
  #inFlight = 0;
  /** Goes up at a reset, so that an answer that was on its way then changes nothing. */
  #generation = 0;

  constructor(options: WebhooksOptions) {
    this.#around = options;
    this.target = options.target;
  }

  get holding(): boolean {
    return this.#holding;
  }

  /** Whether an event is on its way, or will be without anybody's help. */
  isBusy(): boolean {
    for (const { state } of this.events.values()) if (state === 'queued') return true;
    return false;
  }

  publish(event: WebhookEvent): void {
    this.events.set(event.id, event);
    this.#around.recorded(event);
    if (this.target.url === null || !this.target.enabled) {
      this.#settle(event, 'unsent');
      return;
    }
    this.#secrets.set(event.id, this.target.secret);
    this.#tryAt(event, this.#around.clock.milliseconds() + this.#around.settings.webhookDelayMs);
  }

  /** Takes back an event from the ledger file. */
  restore(event: WebhookEvent): void {
    this.events.set(event.id, event);
    if (event.state !== 'queued' && event.state !== 'held') {
      this.#settled.push(event.id);
      return;
    }
    event.state = 'queued';
    this.#secrets.set(event.id, this.target.secret);
    this.#tryAt(event, event.nextTryAt ?? this.#around.clock.milliseconds());
  }

  /** From now on events wait for a release. */
  hold(): void {
    this.#holding = true;
  }

  /** Ends the hold and delivers what it kept, one after the other in the order asked for; ids that are left out follow as they were queued. */
  async release(order: ReleaseOrder, seed?: number): Promise<WebhookEvent[]> {
    this.#holding = false;
    const held = [...this.events.values()].filter(({ state }) => state === 'held');
    const sorted = arranged(held, order, seed);
    for (const event of sorted) {
      event.state = 'queued';
      await this.#attempt(event);
    }
    return sorted;
  }

  /** Delivers an event by hand, as the dashboard's replay does: with the current secret, whatever its state. */
  async deliver(id: string, twist: Twist = {}): Promise<Answer> {
    const event = this.event(id);
    if (this.target.url === null) throw new RazorpayError(409, { description: 'No webhook url is set' });
    const body = twist.mutate ? mutate(event.body) : event.body;
    const answer = await this.#post(event, body, signWebhook(event.body, this.#secretFor(twist)));
    this.#note(event, answer);
    const isGenuine = !twist.mutate && (twist.secret ?? 'current') === 'current';
    if (isGenuine && isSuccess(answer) && event.state !== 'delivered') this.#settle(event, 'delivered');
    else this.#around.written(event);
    return answer;
  }

  event(id: string): WebhookEvent {
    const event = this.events.get(id);
    if (event === undefined) throw new RazorpayError(404, { description: `There is no event ${id}` });
    return event;
  }

  /** A new secret makes the one before it the previous one. */
  change({ url, secret, previousSecret, enabled }: Partial<WebhookTarget>): void {
    if (url !== undefined) this.target.url = url;
    if (secret !== undefined && secret !== this.target.secret) {
      this.target.previousSecret = this.target.secret;
      this.target.secret = secret;
    }
    if (previousSecret !== undefined) this.target.previousSecret = previousSecret;
    if (enabled !== undefined) this.target.enabled = enabled;
  }

  clear(): void {
    this.#generation += 1;
    this.#inFlight = 0;
    this.#holding = false;
    this.events.clear();
    this.#secrets.clear();
    this.#ready.length = 0;
    this.#settled.length = 0;
  }

  close(): void {
    this.clear();
    this.#poster.close();
  }

  #tryAt(event: WebhookEvent, dueAt: number): void {
    event.nextTryAt = dueAt;
    const generation = this.#generation;
    const due = (): void => {
      if (generation !== this.#generation || event.state !== 'queued') return;
      if (this.#holding) {
        event.state = 'held';
        return;
      }
      this.#ready.push(event);
      this.#drain();
    };
    if (dueAt > this.#around.clock.milliseconds()) this.#around.clock.at(dueAt, due);
    // The answer to the call that caused the event goes first, as a rule; Razorpay promises no order.
    else setImmediate(due);
  }

  #drain(): void {
    while (this.#inFlight < inFlightAtMost) {
      const event = this.#ready.shift();
      if (event === undefined) return;
      if (event.state === 'queued') void this.#attempt(event);
    }
  }

  async #attempt(event: WebhookEvent): Promise<void> {
    const generation = this.#generation;
    event.nextTryAt = null;
    this.#inFlight += 1;
    const answer = await this.#post(event, event.body, signWebhook(event.body, this.#secrets.get(event.id) ?? ''));
    if (generation !== this.#generation) return;
    this.#inFlight -= 1;
    this.#note(event, answer);
    if (event.state === 'queued') {
      if (isSuccess(answer)) this.#settle(event, 'delivered');
      else this.#failed(event);
    }
    this.#drain();
  }

  #failed(event: WebhookEvent): void {
    const { firstDelayMs, factor, maxDelayMs, giveUpAfterMs } = this.#around.retry;
    const now = this.#around.clock.milliseconds();
    if (now - event.createdAt >= giveUpAfterMs) {
      this.#disable();
      return;
    }
    const delay = Math.min(firstDelayMs * factor ** (event.attemptCount - 1), maxDelayMs);
    // The last attempt falls on the end of the 24 h and not after it.
    this.#tryAt(event, Math.min(now + delay, event.createdAt + giveUpAfterMs));
    this.#around.written(event);
  }

  /** Razorpay disables a webhook that failed for 24 h, and with it everything that waited for it. */
  #disable(): void {
    this.target.enabled = false;
    for (const event of this.events.values()) if (event.state === 'queued' || event.state === 'held') this.#settle(event, 'abandoned');
  }

  async #post(event: WebhookEvent, body: string, signature: string): Promise<Answer> {
    const { url } = this.target;
    if (url === null) return { status: null, error: 'no webhook url is set', tookMs: 0 };
    const headers = { 'x-razorpay-signature': signature, 'x-razorpay-event-id': event.id };
    return this.#poster.post({ url, body, headers, timeoutMs: this.#around.retry.timeoutMs });
  }

  #note(event: WebhookEvent, { status, error, tookMs }: Answer): void {
    const at = new Date(this.#around.clock.milliseconds()).toISOString();
    const attempt: Attempt = { at, status, ...(error !== undefined && { error }), tookMs };
    event.attemptCount += 1;
    event.attempts.push(attempt);
    if (event.attempts.length > attemptsKept) event.attempts.shift();
  }

  #settle(event: WebhookEvent, state: 'delivered' | 'abandoned' | 'unsent'): void {
    event.state = state;
    event.nextTryAt = null;
    this.#secrets.delete(event.id);
    this.#settled.push(event.id);
    this.#around.written(event);
    if (this.#settled.length <= settledKept) return;
    const oldest = this.events.get(this.#settled.shift() ?? '');
    if (oldest === undefined) return;
    this.events.delete(oldest.id);
    this.#around.forgotten(oldest);
  }

  #secretFor({ secret = 'current' }: Twist): string {
    if (secret === 'wrong') return 'a secret that no shop has';
    const chosen = secret === 'current' ? this.target.secret : this.target.previousSecret;
    if (chosen === null) throw new RazorpayError(409, { description: `There is no ${secret} webhook secret` });
    return chosen;
  }
}

function isSuccess({ status }: Answer): boolean {
  return status !== null && status >= 200 && status < 300;
}

function arranged(events: readonly WebhookEvent[], order: ReleaseOrder, seed?: number): WebhookEvent[] {
  if (order === 'queued') return [...events];
  if (order === 'reversed') return [...events].reverse();
  if (order === 'shuffled') return shuffled(events, seed);
  const named = order.flatMap((id) => events.filter((event) => event.id === id));
  return [...named, ...events.filter((event) => !order.includes(event.id))];
}
