import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { AbandonmentRepository } from './abandonment.repository.ts';
import { type CartEnv, cartEnv } from './cart.env.ts';
import { CartStore } from './cart.store.ts';

const BATCH = 100;
const MAX_PAUSE_MS = 60_000;
const MIN_PAUSE_MS = 500;
const SWEEP_MS = 60 * 60_000;

/** Tells once of each cart that was left alone; the replicas share the work. Also removes what guests have left behind. */
@Injectable()
export class Abandonment implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private sweptAt = performance.now();

  constructor(
    private readonly repository: AbandonmentRepository,
    private readonly store: CartStore,
    @InjectEnvironment(cartEnv) private readonly env: CartEnv,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Announces all carts that are due now; how many. */
  async announceDue(): Promise<number> {
    const seconds = this.env.CART_ABANDONED_AFTER_SECONDS;
    let announced = 0;
    for (;;) {
      const claimed = await this.repository.claim(seconds, BATCH);
      // Postgres lags behind: a cart that was just written again is another version in Redis.
      const current = new Map((await this.store.readAll(claimed.map(({ owner }) => owner))).map(({ owner, version }) => [owner, version]));
      const still = claimed.filter(({ owner, version }) => (current.get(owner) ?? version) === version);
      if (still.length > 0) announced += await this.repository.announce(still, seconds);
      if (claimed.length < BATCH || this.stopped) return announced;
    }
  }

  private schedule(): void {
    if (this.stopped) return;
    const pause = Math.min(Math.max(this.env.CART_ABANDONED_AFTER_SECONDS * 250, MIN_PAUSE_MS), MAX_PAUSE_MS);
    this.timer = setTimeout(() => {
      this.running = this.round().finally(() => this.schedule());
    }, pause);
    this.timer.unref();
  }

  /** A failed round is made up for by the next. */
  private async round(): Promise<void> {
    try {
      await this.announceDue();
      if (performance.now() - this.sweptAt < SWEEP_MS) return;
      await this.repository.sweep();
      this.sweptAt = performance.now();
    } catch (error) {
      this.logger.warn({ err: error }, 'cart.abandonment_failed');
    }
  }
}
