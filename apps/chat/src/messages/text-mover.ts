import { Inject, Injectable } from '@nestjs/common';
import { DatabaseUnavailable } from '#libs/persistence/database-errors';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { textsMoved, textsToMove } from '../chat.metrics.ts';
import { TextArchive } from '../store/text-archive.ts';
import { MoveRepository } from './move.repository.ts';

const EVERY_MS = 5_000;
const AT_ONCE = 500;

/** Moves texts to the other store, where there is one: they are written there before they leave their row. */
@Injectable()
export class TextMover {
  private readonly round: Round | undefined;

  constructor(
    private readonly waiting: MoveRepository,
    @Inject(TextArchive) private readonly archive: TextArchive | null,
    rounds: Rounds,
  ) {
    if (archive !== null) this.round = rounds.every('chat.move', { everyMs: EVERY_MS, atOnce: true }, () => this.move());
  }

  get isNeeded(): boolean {
    return this.archive !== null;
  }

  wake(): void {
    this.round?.wake();
  }

  /** Until nothing is due. */
  async move(): Promise<void> {
    if (this.archive === null) return;
    for (;;) {
      const texts = await this.waiting.claim(AT_ONCE);
      if (texts.length === 0) break;
      try {
        await this.archive.keep(texts);
      } catch (error) {
        await this.waiting.postpone(texts);
        textsToMove.set(await this.waiting.waiting());
        if (error instanceof DatabaseUnavailable) return;
        throw error;
      }
      await this.waiting.moved(texts);
      textsMoved.inc(texts.length);
    }
    textsToMove.set(await this.waiting.waiting());
  }
}
