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

export interface RoundOptions {
  /** Milliseconds between the end of one run and the start of the next; replicas spread by a quarter either way. */
  readonly everyMs: number | (() => number);
  /** True: the first run begins with the application instead of one pause later. */
  readonly atOnce?: boolean;
}

/** One background loop. Runs never overlap; a run that fails is made up for by the next. */
export class Round {
  private timer: NodeJS.Timeout | undefined;
  private dueAt = 0;
  private running: Promise<void> | undefined;
  private isWanted = false;
  private isStarted = false;
  private isStopped = false;
  private isFailing = false;

  constructor(
    private readonly name: string,
    private readonly options: RoundOptions,
    private readonly work: () => Promise<unknown>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.isStarted = true;
    if (this.options.atOnce === true) this.wake();
    else this.schedule(this.pause());
  }

  /** Runs soon: now, or once more when a run is under way. `afterMs` brings the next run forward to that moment. */
  wake(afterMs = 0): void {
    if (!this.isStarted || this.isStopped) return;
    if (afterMs > 0) this.schedule(afterMs);
    else if (this.running !== undefined) this.isWanted = true;
    else this.begin();
  }

  /** Ends with the run that is under way. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running = runOutsideRequests(() => this.run()).finally(() => {
      this.running = undefined;
      if (this.isStopped) return;
      if (this.isWanted) {
        this.isWanted = false;
        this.begin();
      } else if (this.timer === undefined) this.schedule(this.pause());
    });
  }

  private async run(): Promise<void> {
    const ended = roundSeconds.startTimer({ round: this.name });
    try {
      await this.work();
      this.isFailing = false;
      ended({ outcome: 'ok' });
    } catch (error) {
      ended({ outcome: 'failed' });
      // One line when it begins to fail; the counter has the rest.
      if (!this.isFailing) this.logger.warn({ err: error, round: this.name }, 'round.failed');
      this.isFailing = true;
    }
  }

  /** The next run, unless an earlier one is planned. */
  private schedule(milliseconds: number): void {
    if (this.isStopped) return;
    const at = performance.now() + milliseconds;
    if (this.timer !== undefined && this.dueAt <= at) return;
    clearTimeout(this.timer);
    this.dueAt = at;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.running === undefined) this.begin();
      else this.isWanted = true;
    }, milliseconds);
    this.timer.unref();
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
  every(name: string, options: RoundOptions | number, work: () => Promise<unknown>): Round {
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
