import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { isTransient } from '#libs/persistence/database-errors';
import { InjectLogger } from '#libs/runtime/core.module';
import { Rounds } from '#libs/runtime/rounds';
import { CartRepository } from './cart.repository.ts';
import type { KeptCart } from './cart.ts';
import { CartStore } from './cart-store.ts';

const PAUSE_MS = 500;
const BATCH = 200;
/** A replica that dies with a claim delays its carts by this much, which keeps them within the 2 s; a second write of the same cart is harmless. */
const LEASE_MS = 1_000;

/** Brings changed carts from Redis to Postgres; the replicas share the work. */
@Injectable()
export class WriteBehind implements BeforeApplicationShutdown {
  constructor(
    private readonly store: CartStore,
    private readonly repository: CartRepository,
    rounds: Rounds,
    @InjectLogger() private readonly logger: Logger,
  ) {
    rounds.every('cart.write_behind', PAUSE_MS, () => this.flush());
  }

  /** Carts that it does not store stay dirty in Redis, for another replica or the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.flush().catch((error: unknown) => this.logger.warn({ err: error }, 'cart.last_flush_failed'));
  }

  /** Stores all carts that are due now. */
  async flush(): Promise<void> {
    for (;;) {
      const owners = await this.store.claim(BATCH, LEASE_MS);
      if (owners.length > 0) await this.storeClaimed(owners);
      if (owners.length < BATCH) return;
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

  /** A cart that Postgres refuses must not hold up the others. */
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
}
