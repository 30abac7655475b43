/** A clock that tests can move forward, with timers that follow it. */

/** Node runs a longer delay at once. */
const longestTimeoutMs = 2_147_483_647;

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
  handle: NodeJS.Timeout | undefined;
}

export class Clock {
  readonly #now: () => number;
  readonly #timers = new Set<Timer>();
  #offsetMs = 0;
  #stopped = false;
  /** Told when the clock was moved forward. */
  moved: () => void = () => undefined;

  /** `now` gives ms since 1970; `Date.now` by default. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** How far the clock was moved, in ms. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  set offsetMs(offset: number) {
    this.#offsetMs = offset;
    this.#rearm();
  }

  milliseconds(): number {
    return this.#now() + this.#offsetMs;
  }

  /** Unix seconds, as Razorpay writes times. */
  seconds(): number {
    return Math.floor(this.milliseconds() / 1000);
  }

  /** Runs `run` once, when this clock shows `dueAt` (ms). Returns a function that cancels it. */
  at(dueAt: number, run: () => void): () => void {
    const timer: Timer = { dueAt, run, handle: undefined };
    if (this.#stopped) return () => undefined;
    this.#timers.add(timer);
    this.#arm(timer);
    return () => this.#drop(timer);
  }

  /** Moves the clock forward by `ms`. What falls due by that runs in the order of its times before this returns. */
  advance(ms: number): void {
    this.#offsetMs += ms;
    this.moved();
    this.#rearm();
  }

  /** Forgets every timer that is set; later ones work. */
  clear(): void {
    for (const timer of [...this.#timers]) this.#drop(timer);
  }

  /** As `clear`, for good. */
  stop(): void {
    this.#stopped = true;
    this.clear();
  }

  #rearm(): void {
    const byTime = [...this.#timers].sort((one, other) => one.dueAt - other.dueAt);
    for (const timer of byTime) {
      if (!this.#timers.has(timer)) continue;
      clearTimeout(timer.handle);
      if (timer.dueAt <= this.milliseconds()) this.#fire(timer);
      else this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    const wait = Math.min(Math.max(timer.dueAt - this.milliseconds(), 0), longestTimeoutMs);
    timer.handle = setTimeout(() => {
      // Node's timers may be a little early, and the delay may have been cut to the longest possible.
      if (timer.dueAt <= this.milliseconds()) this.#fire(timer);
      else this.#arm(timer);
    }, wait);
    timer.handle.unref();
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    timer.run();
  }

  #drop(timer: Timer): void {
    clearTimeout(timer.handle);
    this.#timers.delete(timer);
  }
}
