import { Injectable } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger } from '#libs/runtime/core.module';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { BulkRepository } from './bulk.repository.ts';
import { randomCode } from './coupon.ts';

const POLL_MS = 2_000;
/** Codes at a time, and fewer where the terms that go with each are long: a statement has a second and a half. */
const BATCH = 2_000;
const BATCH_CHARACTERS = 2_000_000;

/** Makes the codes of bulk jobs, batch by batch; any replica goes on where another was cut off. */
@Injectable()
export class BulkWorker {
  private readonly round: Round;

  constructor(
    private readonly jobs: BulkRepository,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    this.round = rounds.every('coupon.bulk_codes', POLL_MS, (stop) => this.work(stop));
  }

  wake(): void {
    this.round.wake();
  }

  private async work(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      let job = await this.jobs.claim();
      if (job === undefined) return;
      const { id, prefix, count } = job;
      const atOnce = Math.max(1, Math.min(BATCH, Math.floor(BATCH_CHARACTERS / JSON.stringify(job.template).length)));
      while (job !== undefined && job.done < count && !stop.aborted) {
        const size = Math.min(atOnce, count - job.done);
        job = await this.jobs.add(
          job,
          Array.from({ length: size }, () => randomCode(prefix)),
        );
      }
      this.logger.info({ jobId: id, done: job?.done, count }, 'coupons.bulk');
    }
  }
}
