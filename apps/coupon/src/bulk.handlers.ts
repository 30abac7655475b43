import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Call } from '#libs/contracts/call';
import type { ByteAnswer } from '#libs/contracts/contract';
import type { BulkCoupons } from '#libs/contracts/coupon/api';
import type { BulkJob, BulkProgress } from '#libs/contracts/coupon/views';
import { notFound } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import { onceFor } from '#libs/persistence/idempotency';
import { BulkRepository } from './bulk.repository.ts';
import { BulkWorker } from './bulk-worker.ts';
import { checkTerms } from './coupon-input.ts';

const PAGE = 5_000;

@Injectable()
export class BulkHandlers {
  constructor(
    private readonly database: Database,
    private readonly jobs: BulkRepository,
    private readonly worker: BulkWorker,
  ) {}

  async createBulk({ count, prefix = '', template }: BulkCoupons, call: Call): Promise<BulkJob> {
    checkTerms(template, 'template');
    const id = uuidv7();
    const job = await this.database.transaction((transaction) =>
      onceFor(transaction, call, id, {
        make: async () => {
          await this.jobs.create(transaction, { id, template, prefix: prefix.toUpperCase(), count });
          return { id };
        },
        read: async (known) => ({ id: known }),
      }),
    );
    this.worker.wake();
    return job;
  }

  async bulk({ id }: BulkJob): Promise<BulkProgress> {
    const job = await this.jobs.find(id);
    if (job === undefined) throw notFound();
    const isDone = job.done === job.count;
    return {
      status: isDone ? 'done' : 'running',
      count: job.count,
      done: job.done,
      ...(isDone ? { url: `/api/coupons/bulk/${id}/codes` } : {}),
    };
  }

  /** One code a line, below a head. */
  async bulkCodes({ id }: BulkJob): Promise<ByteAnswer> {
    const job = await this.jobs.find(id);
    if (job === undefined || job.done < job.count) throw notFound();
    return { body: Readable.from(this.lines(id)), mime: 'text/csv; charset=utf-8', maxAge: 0 };
  }

  private async *lines(id: string): AsyncGenerator<string> {
    yield 'code\n';
    let after: string | undefined;
    for (;;) {
      const page = await this.jobs.codes(id, after, PAGE);
      if (page.length > 0) yield `${page.map(({ code }) => code).join('\n')}\n`;
      if (page.length < PAGE) return;
      after = page.at(-1)?.id;
    }
  }
}
