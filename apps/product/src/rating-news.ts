import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { CatalogueChanges } from './catalogue-changes.ts';

/** Milliseconds that a new rating waits for company: each announcement ends all that is kept of the catalogue. */
const TOGETHER_MS = 1_000;
/** It is woken by ratings; this only bounds what a lost timer could cost. */
const ROUND_MS = 60_000;

/** Announces products whose ratings changed, many at once. */
@Injectable()
export class RatingNews implements BeforeApplicationShutdown {
  private changed = new Set<string>();
  private readonly round: Round;

  constructor(
    private readonly changes: CatalogueChanges,
    rounds: Rounds,
  ) {
    this.round = rounds.every('product.rating_news', ROUND_MS, () => this.announce());
  }

  /** What waits for company would be heard of only as the kept copies run out. */
  beforeApplicationShutdown(): Promise<void> {
    return this.announce();
  }

  add(productIds: readonly string[]): void {
    for (const id of productIds) this.changed.add(id);
    if (productIds.length > 0) this.round.wake(TOGETHER_MS);
  }

  private async announce(): Promise<void> {
    const productIds = [...this.changed];
    this.changed = new Set();
    if (productIds.length > 0) await this.changes.announce(productIds);
  }
}
