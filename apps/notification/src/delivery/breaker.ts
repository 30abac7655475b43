const FAILURES = 3;
const FIRST_REST_SECONDS = 1;
const LONGEST_REST_SECONDS = 60;

/** Leaves a provider alone that does not answer: after three failures in a row for a second, then twice as long each time. */
export class Breaker {
  private failures = 0;
  private restsUntil = 0;

  /** Seconds. */
  restsFor(): number {
    return Math.max(0, (this.restsUntil - performance.now()) / 1_000);
  }

  answered(): void {
    this.failures = 0;
    this.restsUntil = 0;
  }

  /** `seconds`: what the provider asks for, where it says so; it is asked again after a minute all the same. */
  failed(seconds = 0): void {
    this.failures += 1;
    const doublings = this.failures - FAILURES;
    const own = doublings < 0 ? 0 : Math.min(LONGEST_REST_SECONDS, FIRST_REST_SECONDS * 2 ** doublings) * (0.5 + Math.random() / 2);
    const rest = Math.max(own, Math.min(LONGEST_REST_SECONDS, seconds));
    if (rest > 0) this.restsUntil = Math.max(this.restsUntil, performance.now() + rest * 1_000);
  }
}
