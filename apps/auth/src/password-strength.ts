import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import workerpool from 'workerpool';
import { isGuessable } from '#libs/auth/guessable-passwords';
import { refuse } from '#libs/contracts/errors';
import { within } from '#libs/contracts/time-limit';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger } from '#libs/runtime/core.module';
import { Rounds } from '#libs/runtime/rounds';

/** As this file runs, from the sources or built. */
const PROGRAM = fileURLToPath(new URL(`./password-estimate${extname(import.meta.url)}`, import.meta.url));
/** The estimator's own advice: fewer than a hundred million guesses is too few. */
const LEAST_SCORE = 3;
const MAX_WAITING = 50;
/** Its start takes a second or two. */
const LONGEST_MS = 4_500;
const IDLE_MS = 60_000;

/**
 * Whether a password is among those that are tried first: by rule, then by an estimator with its dictionaries. The estimator is a process that
 * begins with the first password and ends when none came for a minute, so that its dictionaries are not kept in memory all day.
 */
@Injectable()
export class PasswordStrength implements OnApplicationShutdown {
  private pool: workerpool.Pool | undefined;
  private lastUsed = 0;

  constructor(
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    rounds.every('auth.rest_estimator', IDLE_MS, () => this.rest());
  }

  async isGuessable(password: string, { email, name }: { email: string; name?: string }): Promise<boolean> {
    if (isGuessable(password, email)) return true;
    const about = ['only2u', ...[...email.split(/[@.+_-]/), ...(name ?? '').split(/\s+/)].filter((word) => word.length > 2)];
    return (await this.score(password, about)) < LEAST_SCORE;
  }

  /** Ends the estimator when nobody has needed it lately. */
  async rest(): Promise<void> {
    if (this.pool === undefined || performance.now() - this.lastUsed < IDLE_MS || this.pool.stats().activeTasks > 0) return;
    const resting = this.pool;
    this.pool = undefined;
    await resting.terminate();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool?.terminate(true);
  }

  /** Where the estimator fails, the rules alone decide: a registration does not wait for it. */
  private async score(password: string, about: readonly string[]): Promise<number> {
    this.pool ??= workerpool.pool(PROGRAM, { maxWorkers: 1, workerType: 'process' });
    this.lastUsed = performance.now();
    if (this.pool.stats().pendingTasks >= MAX_WAITING) throw refuse('unavailable', 'Too many passwords at once');
    try {
      // Not the pool's own limit, which would end the process, and with it a start that is under way.
      return await within(LONGEST_MS, Promise.resolve(this.pool.exec('score', [password, about])), late);
    } catch (error) {
      this.logger.warn({ err: error }, 'auth.estimator_failed');
      return LEAST_SCORE;
    }
  }
}

function late(): never {
  throw new Error('the estimator has not answered in time');
}
