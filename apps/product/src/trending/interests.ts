import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Call } from '#libs/contracts/call';
import { cartApi } from '#libs/contracts/cart/api';
import { BusClient } from '#libs/messaging/bus-client';
import { Signals } from '#libs/messaging/signals';
import { Database } from '#libs/persistence/database';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { type Interest, InterestRepository, type KnownInterest } from './interest.repository.ts';
import { TrendRepository } from './trend.repository.ts';

/** Milliseconds that an interest waits for company. */
const TOGETHER_MS = 1_000;
/** What another replica has left uncounted, as one that ended, is counted this much later. */
const ROUND_MS = 15_000;
const PASS_MS = 30 * 60_000;
const HOUR_MS = 3_600_000;
/** Interests in one statement. */
const BATCH = 1_000;
/** Interests that may wait while the database is away; more are forgotten. */
const MAX_WAITING = 20_000;
/** Interests of this hour that are known to be noted. */
const MAX_NOTED = 50_000;

/** Collects who looks at what, so that a thousand looks cost a statement, and one person's thousand looks nothing. */
@Injectable()
export class Interests implements BeforeApplicationShutdown {
  private waiting: Interest[] = [];
  /** The hour in which each was noted last. */
  private readonly noted = new LRUCache<string, number>({ max: MAX_NOTED });
  private readonly round: Round;

  constructor(
    private readonly rows: InterestRepository,
    private readonly trends: TrendRepository,
    private readonly database: Database,
    private readonly bus: BusClient,
    signals: Signals,
    rounds: Rounds,
  ) {
    // Every replica hears it; in the table it is one row.
    signals.on(cartApi.signals.added, ({ items }) => {
      for (const item of items) this.note({ ...item, kind: 'add' });
    });
    this.round = rounds.every('product.interests', ROUND_MS, () => this.take());
    rounds.every('product.trends', PASS_MS, () => trends.pass());
  }

  /** What this process alone knows is written down before it ends. */
  beforeApplicationShutdown(): Promise<void> {
    return this.write();
  }

  note(interest: Interest): void {
    const key = `${interest.kind} ${interest.productId ?? interest.variantId} ${interest.person}`;
    const hour = Math.floor(Date.now() / HOUR_MS);
    if (this.noted.get(key) === hour || this.waiting.length >= MAX_WAITING) return;
    this.noted.set(key, hour);
    this.waiting.push(interest);
    this.round.wake(TOGETHER_MS);
  }

  /** Of an account, as written down. */
  of(userId: string): Promise<KnownInterest[]> {
    return this.rows.of(this.database, userId);
  }

  /** Others have written interests down. */
  wake(): void {
    this.round.wake(TOGETHER_MS);
  }

  /** The user, else what tells a client apart, as a number that says neither. */
  personOf({ actor, client }: Call): string {
    if (actor.kind === 'user') return actor.userId;
    const about = JSON.stringify(['client', client?.ip, client?.device ?? client?.agent]);
    const digits = this.bus.seals.sign(Buffer.from(about)).toString('hex').slice(-32);
    return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
  }

  private async take(): Promise<void> {
    await this.write();
    while (await this.trends.count());
  }

  private async write(): Promise<void> {
    const interests = this.waiting;
    this.waiting = [];
    for (let from = 0; from < interests.length; from += BATCH) {
      try {
        await this.rows.note(this.database, interests.slice(from, from + BATCH));
      } catch (error) {
        this.waiting = [...interests.slice(from), ...this.waiting].slice(0, MAX_WAITING);
        throw error;
      }
    }
  }
}
