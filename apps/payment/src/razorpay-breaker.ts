import { setTimeout as sleep } from 'node:timers/promises';
import { RazorpayUnavailable, RazorpayUnknown } from './razorpay-errors.ts';

export interface BreakerOptions {
  /** Calls in a row without an answer after which nobody is let through. */
  readonly maxFailures: number;
  /** Calls under way at a time. */
  readonly maxActive: number;
  /** Milliseconds after which a call counts as unanswered, whatever its socket does. */
  readonly timeoutMs: number;
  /** Hears when it opens and when it closes. */
  readonly onChange: (isOpen: boolean) => void;
}

/**
 * Stops asking a Razorpay that does not answer. It counts failures in a row and not a share of the recent calls, so that it opens at a
 * few calls an hour as it does at a hundred a second. No clock closes it and no customer is the guinea pig: `probe` does, which a
 * background round calls.
 */
export class RazorpayBreaker {
  private failures = 0;
  private active = 0;

  constructor(private readonly options: BreakerOptions) {}

  get isOpen(): boolean {
    return this.failures >= this.options.maxFailures;
  }

  /** Throws `RazorpayUnavailable` at once while it is open or too many calls are under way, else what `call` throws. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.isOpen || this.active >= this.options.maxActive) throw new RazorpayUnavailable('Razorpay is not asked at the moment');
    return this.watch(call);
  }

  /** Asks although it is open; an answer closes it. */
  async probe(call: () => Promise<unknown>): Promise<void> {
    await this.watch(call);
  }

  private async watch<T>(call: () => Promise<T>): Promise<T> {
    this.active += 1;
    const answered = new AbortController();
    try {
      const result = await Promise.race([call(), this.silence(answered.signal)]);
      this.count(0);
      return result;
    } catch (error) {
      // Any answer proves that Razorpay works, also one that refuses or asks us to slow down.
      this.count(error instanceof RazorpayUnknown ? this.failures + 1 : 0);
      throw error;
    } finally {
      this.active -= 1;
      answered.abort();
    }
  }

  private count(failures: number): void {
    const wasOpen = this.isOpen;
    this.failures = failures;
    if (this.isOpen !== wasOpen) this.options.onChange(this.isOpen);
  }

  private async silence(answered: AbortSignal): Promise<never> {
    await sleep(this.options.timeoutMs, undefined, { signal: answered }).catch(() => new Promise<never>(() => undefined));
    throw new RazorpayUnknown('No answer from Razorpay: it took too long');
  }
}
