import { extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import workerpool from 'workerpool';
import { refuse } from '#libs/contracts/errors';
import type { Preset } from '#libs/contracts/storage/views';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { spoolFolder } from '../spool.ts';
import { type StorageEnv, storageEnv } from '../storage.env.ts';
import { pictureMemory, pictureSeconds, picturesWaiting } from '../storage.metrics.ts';
import { StoreUnavailable } from '../store/object-store.ts';
import { isDiskFault } from './disk-fault.ts';
import type { Encoded, PictureType, Rendered } from './picture-process.ts';
import type { RenditionFormat } from './presets.ts';

/** As this file runs, from the sources or built. */
const PROGRAM = fileURLToPath(new URL(`./picture-process${extname(import.meta.url)}`, import.meta.url));
/** Decoded pictures are large: more at once would need more memory than a pod has. */
const WORKERS = 2;
/** A photo takes about a second, so the last one in the queue is done within its request's time. */
const MAX_WAITING = 30;
/** Bounds what a hostile picture may cost; the largest honest one takes a third of it. */
const LONGEST_MS = 40_000;
/** One arena and a small young heap: with several, memory grew by a half within 400 pictures; so it is flat after the first hundred. */
const FLAT = { env: { MALLOC_ARENA_MAX: '1' }, execArgv: ['--max-semi-space-size=1'] };

/** Decodes and encodes in processes of their own, two at most, and lets only so many wait: beyond that it refuses. */
@Injectable()
export class Pictures implements OnApplicationShutdown {
  private readonly pool: workerpool.Pool;

  constructor(@InjectEnvironment(storageEnv) env: Pick<StorageEnv, 'STORAGE_DIR'>) {
    // libvips puts large decoded pictures there; the system's own folder may be read-only.
    const TMPDIR = resolve(spoolFolder(env));
    this.pool = workerpool.pool(PROGRAM, {
      maxWorkers: WORKERS,
      workerType: 'process',
      workerTerminateTimeout: 2_000,
      forkOpts: { env: { PATH: process.env.PATH, TMPDIR, ...FLAT.env }, execArgv: [...process.execArgv, ...FLAT.execArgv] },
    });
  }

  /** Writes a fresh encoding of the picture in its own type. */
  keep(from: string, to: string, type: PictureType): Promise<Encoded> {
    return this.run('keep', [from, to, type]);
  }

  /** Writes a preset of a kept picture. */
  render(from: string, to: string, preset: Preset, format: RenditionFormat): Promise<Rendered> {
    return this.run('render', [from, to, preset, format]);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.terminate(true);
  }

  private async run<T>(work: 'keep' | 'render', parameters: readonly unknown[]): Promise<T> {
    if (this.pool.stats().pendingTasks >= MAX_WAITING) throw refuse('unavailable', 'Many pictures are being worked on; try again');
    const ended = pictureSeconds.startTimer({ work });
    picturesWaiting.inc();
    try {
      return (await this.pool.exec(work, [...parameters]).timeout(LONGEST_MS)) as T;
    } catch (error) {
      if (error instanceof workerpool.Promise.TimeoutError) throw refuse('timeout', 'The picture takes too long');
      if (isDiskFault(error)) throw new StoreUnavailable('the disk does not take what a picture needs', { cause: error });
      throw error;
    } finally {
      picturesWaiting.dec();
      ended();
    }
  }

  /** Asks a process that has nothing to do, so that a measurement starts none. */
  async measure(): Promise<void> {
    const { idleWorkers } = this.pool.stats();
    if (idleWorkers > 0) pictureMemory.set((await this.pool.exec('about', [])).rss);
  }
}
