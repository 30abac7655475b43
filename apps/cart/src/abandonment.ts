import { Injectable } from '@nestjs/common';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { AbandonmentRepository } from './abandonment.repository.ts';
import { type CartEnv, cartEnv } from './cart.env.ts';
import { CartStore } from './cart-store.ts';

const BATCH = 100;
const MAX_PAUSE_MS = 60_000;
const MIN_PAUSE_MS = 500;
const SWEEP_MS = 60 * 60_000;

/** Announces each abandoned cart once; the replicas share the work. Also removes what guests have left behind. */
@Injectable()
export class Abandonment {
  private readonly round: Round;

  constructor(
    private readonly repository: AbandonmentRepository,
    private readonly store: CartStore,
    @InjectEnvironment(cartEnv) private readonly env: CartEnv,
    rounds: Rounds,
  ) {
    const pause = Math.min(Math.max(env.CART_ABANDONED_AFTER_SECONDS * 250, MIN_PAUSE_MS), MAX_PAUSE_MS);
    this.round = rounds.every('cart.abandonment', pause, () => this.announceDue());
    rounds.every('cart.retention', SWEEP_MS, () => repository.sweep());
  }

  /** Announces a batch of the carts that are due, and goes on soon while there are more. How many it announced. */
  async announceDue(): Promise<number> {
    const seconds = this.env.CART_ABANDONED_AFTER_SECONDS;
    const claimed = await this.repository.claim(seconds, BATCH);
    if (claimed.length === BATCH) this.round.wake();
    // Postgres lags behind: a cart that was just written again is another version in Redis.
    const current = new Map((await this.store.readAll(claimed.map(({ owner }) => owner))).map(({ owner, version }) => [owner, version]));
    const unchanged = claimed.filter(({ owner, version }) => (current.get(owner) ?? version) === version);
    return unchanged.length === 0 ? 0 : this.repository.announce(unchanged, seconds);
  }
}
