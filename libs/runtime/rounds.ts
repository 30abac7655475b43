import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { within } from '#libs/contracts/time-limit';
import { runOutsideRequests } from '#libs/observability/context';
import type { Logger } from '#libs/observability/logger';
import { roundSeconds } from '#libs/observability/metrics';

/**
 * Milliseconds that the shutdown waits for runs. Requests that were taken need the rest of its time: a run that talks to a slow provider may
 * take minutes, and what it leaves another replica takes up.
 */
const PATIENCE_MS = 5_000;
/** Wakes that ask for moments so near to each other share a timer. */
const SLOT_MS = 50;
/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

export interface RoundOptions {
  /** Milliseconds between the end of one run and the start of the next; replicas spread by a quarter either way. */
  readonly everyMs: number | (() => number);
  /** True: the first run begins with the application instead of one pause later. */
  readonly atOnce?: boolean;
}

/** What a loop does. Work of many steps ends after the present one when the signal aborts: another replica goes on with it. */
export type RoundWork = (stop: AbortSignal) => Promise<unknown>;

/** One background loop. Runs never overlap; a run that fails is made up for by the next. */
export class Round {
  /** Of the next run that nobody asked for. */
  private timer: NodeJS.Timeout | undefined;
  /** Wakes at a later moment, by the slot of time at whose end they come. A run in between does not answer them. */
  private readonly planned = new Map<number, NodeJS.Timeout>();
  private running: Promise<void> | undefined;
  private isWanted = false;
  private isStarted = false;
  private readonly stopped = new AbortController();
  private isFailing = false;

  constructor(
    private readonly name: string,
    private readonly options: RoundOptions,
    private readonly work: RoundWork,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.isStarted = true;
    if (this.options.atOnce === true) this.wake();
    else this.rest();
  }

  /** Runs soon: now, or once more when a run is under way; with `afterMs` a moment after that time, whatever runs before. */
  wake(afterMs = 0): void {
    if (!this.isStarted || this.stopped.signal.aborted) return;
    if (afterMs > 0) this.plan(afterMs);
    else if (this.running !== undefined) this.isWanted = true;
    else this.begin();
  }

  /** Ends with the run that is under way. */
  async stop(): Promise<void> {
    this.stopped.abort();
    clearTimeout(this.timer);
    for (const timer of this.planned.values()) clearTimeout(timer);
    this.planned.clear();
    await this.running;
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.running = runOutsideRequests(() => this.run()).finally(() => {
      this.running = undefined;
      if (this.stopped.signal.aborted) return;
      if (this.isWanted) {
        this.isWanted = false;
        this.begin();
      } else this.rest();
    });
  }

  private async run(): Promise<void> {
    const ended = roundSeconds.startTimer({ round: this.name });
    try {
      await this.work(this.stopped.signal);
      this.isFailing = false;
      ended({ outcome: 'ok' });
    } catch (error) {
      ended({ outcome: 'failed' });
      // One line when it begins to fail; the counter has the rest.
      if (!this.isFailing) this.logger.warn({ err: error, round: this.name }, 'round.failed');
      this.isFailing = true;
    }
  }

  private rest(): void {
    this.timer = setTimeout(() => this.begin(), this.pause());
    this.timer.unref();
  }

  private plan(afterMs: number): void {
    const now = performance.now();
    const slot = Math.ceil((now + afterMs) / SLOT_MS);
    if (this.planned.has(slot)) return;
    const timer = setTimeout(
      () => {
        this.planned.delete(slot);
        this.wake();
      },
      Math.min(slot * SLOT_MS - now, LONGEST_MS),
    );
    timer.unref();
    this.planned.set(slot, timer);
  }

  private pause(): number {
    const { everyMs } = this.options;
    return (typeof everyMs === 'number' ? everyMs : everyMs()) * (0.75 + Math.random() / 2);
  }
}

/**
 * Every background loop of a process. A provider declares its loops in its constructor; they begin when the application has started, and
 * the shutdown waits a while for the runs that are under way, which still need the database. Every replica runs them: rows are claimed.
 */
export class Rounds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly rounds = new Map<string, Round>();
  private isStarted = false;

  constructor(
    private readonly logger: Logger,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  /** `name` is `<service>.<what>`, the same in log and metric. */
  every(name: string, options: RoundOptions | number, work: RoundWork): Round {
    if (this.rounds.has(name)) throw new Error(`two rounds are called ${name}`);
    const round = new Round(name, typeof options === 'number' ? { everyMs: options } : options, work, this.logger);
    this.rounds.set(name, round);
    if (this.isStarted) round.start();
    return round;
  }

  onApplicationBootstrap(): void {
    this.isStarted = true;
    for (const round of this.rounds.values()) round.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    const ended = Promise.all([...this.rounds.values()].map((round) => round.stop()));
    await within<unknown>(this.patienceMs, ended, () => this.logger.warn('rounds.cut_short'));
  }
}
