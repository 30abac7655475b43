import { Injectable } from '@nestjs/common';
import { Rounds } from '#libs/runtime/rounds';
import { LANES } from '../causes.ts';
import { laneMessages, oldestSeconds } from '../notification.metrics.ts';
import { LaneRepository } from './lane.repository.ts';

const MEASURE_MS = 10_000;

/** Tells the metrics how much waits in each lane; an empty one is told as 0. */
@Injectable()
export class LaneMeasurements {
  constructor(
    private readonly lanes: LaneRepository,
    rounds: Rounds,
  ) {
    rounds.every('notification.measure', { everyMs: MEASURE_MS, atOnce: true }, () => this.measure());
  }

  async measure(): Promise<void> {
    const [waiting, oldest] = await Promise.all([this.lanes.waiting(), this.lanes.oldest()]);
    for (const lane of LANES) {
      laneMessages.set({ lane }, waiting.find((row) => row.lane === lane)?.messages ?? 0);
      oldestSeconds.set({ lane }, oldest.find((row) => row.lane === lane)?.seconds ?? 0);
    }
  }
}
