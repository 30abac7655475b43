import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import workerpool from 'workerpool';
import { refuse } from '#libs/contracts/errors';
import type { IssuedPaper } from './invoice.repository.ts';

/** Documents that may wait for the thread; at a tenth of a second each the last one is printed within the request's time. */
const MAX_WAITING = 15;
/** As this file runs, from the sources or built. */
const THREAD = fileURLToPath(new URL(`./invoice-thread${extname(import.meta.url)}`, import.meta.url));

/**
 * Prints in a thread of its own, because a document takes a tenth to a quarter of a second of CPU in which no order would move on. The
 * thread, with printer and fonts, begins with the first document.
 */
@Injectable()
export class InvoicePrinter implements OnApplicationShutdown {
  private readonly pool = workerpool.pool(THREAD, { maxWorkers: 1, workerType: 'thread' });

  /** A PDF. @throws Refusal `unavailable` when too many wait. */
  async print(issued: IssuedPaper): Promise<Buffer> {
    if (this.pool.stats().pendingTasks >= MAX_WAITING) throw refuse('unavailable', 'Many documents are being printed; try again');
    return Buffer.from(await this.pool.exec('printed', [issued]));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.terminate();
  }
}
