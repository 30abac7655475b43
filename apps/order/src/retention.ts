import { Injectable } from '@nestjs/common';
import { Rounds } from '#libs/runtime/rounds';
import { RetentionRepository } from './retention.repository.ts';

const EVERY_MS = 3_600_000;

/** Removes what has outlived its use, of which an age alone does not tell. Books stay. */
@Injectable()
export class Retention {
  constructor(
    private readonly repository: RetentionRepository,
    rounds: Rounds,
  ) {
    rounds.every('order.retention', EVERY_MS, () => this.removeOld());
  }

  async removeOld(): Promise<void> {
    await this.repository.removeRefused();
    await this.repository.removeCheckouts();
  }
}
