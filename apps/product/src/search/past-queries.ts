import { Injectable } from '@nestjs/common';
import { Rounds } from '#libs/runtime/rounds';
import { PastQueryRepository } from './past-query.repository.ts';

const EVERY_MS = 5_000;
/** Between two rounds; what comes beyond is not counted. */
const MAX_WAITING = 2_000;
const MAX_WORDS = 4;
const MAX_LENGTH = 60;

/**
 * What people search for, for suggestions. A query is counted once between two rounds, whoever asks how often; nothing about the asker is kept, and
 * only queries that found something as they stand, so that their words are the catalogue's: a name, a number or an address is not among them.
 */
@Injectable()
export class PastQueries {
  private waiting = new Set<string>();

  constructor(
    private readonly rows: PastQueryRepository,
    rounds: Rounds,
  ) {
    rounds.every('product.past_queries', EVERY_MS, () => this.flush());
  }

  add(words: readonly string[]): void {
    const query = words.join(' ');
    if (words.length === 0 || words.length > MAX_WORDS || query.length > MAX_LENGTH || this.waiting.size >= MAX_WAITING) return;
    this.waiting.add(query);
  }

  async flush(): Promise<void> {
    if (this.waiting.size === 0) return;
    const { waiting } = this;
    this.waiting = new Set();
    await this.rows.count([...waiting]);
  }
}
