import { Injectable } from '@nestjs/common';
import { Rounds } from '#libs/runtime/rounds';
import { SearchWordCountRepository } from './search-word-count.repository.ts';

const EVERY_MS = 15 * 60_000;

/** How frequent each word of the catalogue is: of two words that a query may mean, the frequent one is meant. */
@Injectable()
export class SearchWordCounts {
  constructor(rows: SearchWordCountRepository, rounds: Rounds) {
    rounds.every('product.search_words', { everyMs: EVERY_MS, atOnce: true }, () => rows.count());
  }
}
