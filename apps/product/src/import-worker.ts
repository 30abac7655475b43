import { Injectable } from '@nestjs/common';
import { Refusal } from '#libs/contracts/errors';
import type { Logger } from '#libs/observability/logger';
import { isLost, isTransient, isUniqueViolation } from '#libs/persistence/database-errors';
import { InjectLogger } from '#libs/runtime/core.module';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { type ImportJob, ImportRepository, type WaitingRow } from './import.repository.ts';
import { ImportBatch, messageOf, Overtaken } from './import-batch.ts';

const POLL_MS = 2_000;
/** Rows a transaction: what they lock, others wait for as long. */
const BATCH = 100;

/** Works imports off, batch by batch; any replica goes on where another was cut off. */
@Injectable()
export class ImportWorker {
  private readonly round: Round;

  constructor(
    private readonly jobs: ImportRepository,
    private readonly batch: ImportBatch,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    this.round = rounds.every('product.imports', POLL_MS, (stop) => this.work(stop));
  }

  wake(): void {
    this.round.wake();
  }

  private async work(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      let job = await this.jobs.claim();
      if (job === undefined) return;
      const { id: importId } = job;
      try {
        while (job.done < job.rows && !stop.aborted) job = await this.step(job);
        this.logger.info({ importId, done: job.done, rows: job.rows }, 'catalogue.imported');
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
      }
    }
  }

  private async step(job: ImportJob): Promise<ImportJob> {
    const rows = await this.jobs.next(job, BATCH);
    if (rows.length === 0) throw new Overtaken();
    try {
      return await this.batch.run(job, rows);
    } catch (error) {
      if (error instanceof Overtaken || isLost(error)) throw error;
    }
    // One of them is not taken by the database, or all are too much at once: alone, the others are.
    let next = job;
    for (const row of rows) next = await this.alone(next, row);
    return next;
  }

  private async alone(job: ImportJob, row: WaitingRow): Promise<ImportJob> {
    try {
      return await this.batch.run(job, [row]);
    } catch (error) {
      if (isOfOthers(error)) throw error;
      this.logger.warn({ err: error, importId: job.id, row: row.number }, 'import.row_failed');
      return this.batch.fail(job, row, faultOf(error));
    }
  }
}

/** Nothing that a row could be blamed for: the rows are tried again when the lease is over. */
const isOfOthers = (error: unknown): boolean =>
  error instanceof Overtaken || isTransient(error) || (error instanceof Refusal && error.retryable);

function faultOf(error: unknown): string {
  if (error instanceof Refusal) return messageOf(error);
  if (isUniqueViolation(error, 'variants_sku') || isUniqueViolation(error, 'variants_sku_without_case')) return 'sku: is taken';
  if (isUniqueViolation(error, 'variants_option')) return 'size, color: the product has a variant of this choice';
  return 'could not be taken; look whether somebody else changes the same product';
}
