import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger } from '#libs/runtime/core.module';
import { BulkRepository } from './bulk.repository.ts';
import { randomCode } from './coupon.ts';

const POLL_MS = 2_000;
/** Codes at a time, and fewer where the terms that go with each are long: a statement has a second and a half. */
const BATCH = 2_000;
const BATCH_CHARACTERS = 2_000_000;

/** Makes the codes of bulk jobs, batch by batch; any replica goes on where another was cut off. */
@Injectable()
export class BulkWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly jobs: BulkRepository,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.wake(), POLL_MS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Starts a round unless one runs. */
  wake(): void {
    if (this.isStopped || this.running !== undefined) return;
    this.running = this.work()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'coupons.bulk_put_off'))
      .finally(() => {
        this.running = undefined;
      });
  }

  private async work(): Promise<void> {
    for (let job = await this.jobs.claim(); job !== undefined && !this.isStopped; job = await this.jobs.claim()) {
      const { id, prefix, count } = job;
      const atOnce = Math.max(1, Math.min(BATCH, Math.floor(BATCH_CHARACTERS / JSON.stringify(job.template).length)));
      while (job !== undefined && job.done < count && !this.isStopped) {
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
