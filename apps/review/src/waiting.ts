import { Injectable } from '@nestjs/common';
import { Rounds } from '#libs/runtime/rounds';
import { ModerationRepository } from './moderation.repository.ts';
import { reviewsWaiting } from './review.metrics.ts';

const EVERY_MS = 30_000;

/** Measures how much staff have to look at. */
@Injectable()
export class Waiting {
  constructor(decisions: ModerationRepository, rounds: Rounds) {
    rounds.every('review.measure', { everyMs: EVERY_MS, atOnce: true }, async () => {
      const { pending, reported } = await decisions.counts();
      reviewsWaiting.set({ why: 'held' }, pending);
      reviewsWaiting.set({ why: 'reported' }, reported);
    });
  }
}
