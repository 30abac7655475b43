import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { isTransient } from '#libs/persistence/database-errors';
import { InjectLogger } from '#libs/runtime/core.module';
import { CartRepository } from './cart.repository.ts';
import { CartStore } from './cart.store.ts';
import type { KeptCart } from './cart.ts';

const PAUSE_MS = 500;
const BATCH = 200;
/** A replica that dies with a claim delays those carts by this much, which keeps them within the 2 s; a second write of the same cart is harmless. */
const LEASE_MS = 1_000;

/** Brings changed carts from Redis to Postgres; the replicas share the work. */
@Injectable()
export class WriteBehind implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopped = false;
  private failing = false;

  constructor(
    private readonly store: CartStore,
    private readonly repository: CartRepository,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.store.connect();
    this.schedule();
  }

  /** What is left dirty stays so in Redis, for another replica or the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.flush().catch(() => undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  /** Stores all carts that are due now. */
  async flush(): Promise<void> {
    for (;;) {
      const owners = await this.store.claim(BATCH, LEASE_MS);
      if (owners.length > 0) await this.storeClaimed(owners);
      if (owners.length < BATCH || this.stopped) return;
    }
  }

  private async storeClaimed(owners: readonly string[]): Promise<void> {
    const carts = await this.store.readAll(owners);
    const stored = await this.storeAll(carts);
    const unstored = new Set(carts.filter((cart) => !stored.includes(cart)).map(({ owner }) => owner));
    const sequences = new Map(stored.map(({ owner, sequence }) => [owner, sequence]));
    const done = owners.filter((owner) => !unstored.has(owner)).map((owner) => ({ owner, sequence: sequences.get(owner) ?? 0 }));
    for (const owner of await this.store.settle(done, PAUSE_MS)) await this.store.restore(owner);
  }

  /** A cart that Postgres will not take must not hold up the others. */
  private async storeAll(carts: readonly KeptCart[]): Promise<readonly KeptCart[]> {
    try {
      await this.repository.store(carts);
      return carts;
    } catch (error) {
      if (isTransient(error) || carts.length === 1) throw error;
      const stored: KeptCart[] = [];
      for (const cart of carts) {
        await this.repository.store([cart]).then(
          () => stored.push(cart),
          (reason: unknown) => this.logger.error({ err: reason, owner: cart.owner }, 'cart.not_stored'),
        );
      }
      return stored;
    }
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.round = this.tick().finally(() => this.schedule());
    }, PAUSE_MS);
    this.timer.unref();
  }

  /** A failed round is made up for by the next; one line when it begins to fail. */
  private async tick(): Promise<void> {
    try {
      await this.flush();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.logger.warn({ err: error }, 'cart.write_behind_failed');
      this.failing = true;
    }
  }
}
