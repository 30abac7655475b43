import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Rounds } from '#libs/runtime/rounds';
import { type Change, FacetRepository } from './facet.repository.ts';
import { FacetColumns } from './facet-columns.ts';
import { FacetCount, type FacetQuestion } from './facet-count.ts';

/** Products that are read at a time. */
const BATCH = 1_000;
/** Products that are counted before other requests have their turn: about a millisecond. */
const STRIDE = 10_000;
/** A catalogue that is read now and then has little to catch up with when somebody asks. */
const ROUND_MS = 30_000;
/** Answers that are kept, some 10 kB each. */
const MAX_SAID = 500;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

export interface Counted {
  /** JSON. */
  readonly facets: string;
  /** Products that fit all filters, however many. */
  readonly total: number;
}

/**
 * The columns, as the database has them: each question first reads what has changed since the one before, so what was committed before it was
 * asked is counted. Which products those are a trigger notes, whoever changes them.
 */
@Injectable()
export class FacetIndex implements OnModuleInit {
  private columns = new FacetColumns();
  private horizon: string | undefined;
  /** By which transaction a product was changed when it was read last, as long as that may be read again. */
  private read = new Map<string, string>();
  /** What was answered since the listing changed last. */
  private readonly said = new LRUCache<string, Counted>({ max: MAX_SAID });
  /** Questions take turns. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly rows: FacetRepository,
    rounds: Rounds,
  ) {
    rounds.every('product.facets', ROUND_MS, () => this.inTurn(() => this.catchUp()));
  }

  /** Before anybody is served; where the database does not answer, the first question reads them. */
  async onModuleInit(): Promise<void> {
    await this.inTurn(() => this.catchUp()).catch(() => undefined);
  }

  /**
   * `ask` puts the question into the numbers of the columns, `say` puts the counts into words; what is answered is of one moment. With a `key`
   * the answer is given again to who asks the same, until something of the listing changes.
   */
  count(
    ask: (columns: FacetColumns) => FacetQuestion,
    say: (count: FacetCount, columns: FacetColumns) => Counted,
    key?: string,
  ): Promise<Counted> {
    return this.inTurn(async () => {
      await this.catchUp();
      const known = key === undefined ? undefined : this.said.get(key);
      if (known !== undefined) return known;
      const { columns } = this;
      const count = new FacetCount(columns, ask(columns));
      for (let from = 0; from < count.length; from += STRIDE) {
        if (from > 0) await nextTurn();
        count.walk(from, Math.min(from + STRIDE, count.length));
      }
      const counted = say(count, columns);
      if (key !== undefined) this.said.set(key, counted);
      return counted;
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }

  private async catchUp(): Promise<void> {
    if (this.horizon === undefined) return this.readAll();
    const { horizon, changed } = await this.rows.changes(this.horizon);
    const news = changed.filter(({ id, by }) => this.read.get(id) !== by);
    for (let from = 0; from < news.length; from += BATCH) this.take(await this.rows.of(news.slice(from, from + BATCH).map(({ id }) => id)));
    this.read = new Map(changed.map(({ id, by }) => [id, by]));
    this.horizon = horizon;
  }

  private async readAll(): Promise<void> {
    const { horizon } = await this.rows.changes(undefined);
    const columns = new FacetColumns();
    for (let last: string | undefined = BEFORE_ALL; last !== undefined; ) {
      const batch: Change[] = await this.rows.listedAfter(last, BATCH);
      for (const { product } of batch) if (product !== undefined) columns.put(product);
      last = batch.at(-1)?.id;
    }
    this.columns = columns;
    this.said.clear();
    this.horizon = horizon;
  }

  private take(changes: readonly Change[]): void {
    if (changes.length > 0) this.said.clear();
    for (const { id, product } of changes) {
      if (product === undefined) this.columns.drop(id);
      else this.columns.put(product);
    }
  }
}
