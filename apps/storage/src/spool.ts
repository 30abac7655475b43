import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { Refusal, refuse } from '#libs/contracts/errors';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { Rounds } from '#libs/runtime/rounds';
import { type StorageEnv, storageEnv } from './storage.env.ts';
import { type Fingerprint, StoreUnavailable } from './store/object-store.ts';

/** Longer than any request takes; what is older belongs to a process that died. */
const FORGOTTEN_MS = 3_600_000;

export interface Spooled extends Fingerprint {
  readonly path: string;
}

export const spoolFolder = ({ STORAGE_DIR }: Pick<StorageEnv, 'STORAGE_DIR'>): string => join(STORAGE_DIR, 'spool');

/** Files on their way in: on the disk, so that no file is in memory, and under names of ours. */
@Injectable()
export class Spool {
  private readonly folder: string;

  constructor(@InjectEnvironment(storageEnv) env: StorageEnv, rounds: Rounds) {
    this.folder = spoolFolder(env);
    rounds.every('storage.clear_spool', { everyMs: FORGOTTEN_MS / 4, atOnce: true }, () => this.clear());
  }

  /** A folder for the work on one file, which goes when the work is done. */
  async within<T>(work: (place: { path(name: string): string }) => Promise<T>): Promise<T> {
    const folder = join(this.folder, randomUUID());
    try {
      await mkdir(folder, { recursive: true });
      return await work({ path: (name) => join(folder, name) });
    } catch (error) {
      throw isOfDisk(error) ? new StoreUnavailable('the spool takes nothing', { cause: error }) : error;
    } finally {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  /** Writes what comes, in order. @throws Refusal `payload_too_large` as soon as there is more than `limit`. */
  async write(sources: AsyncIterable<Readable> | Readable, path: string, limit: number): Promise<Spooled> {
    const digest = createHash('sha256');
    let size = 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        digest.update(chunk);
        if (size > limit) done(refuse('payload_too_large', `A file may have ${limit} bytes`));
        else done(null, chunk);
      },
    });
    const isFromClient = sources instanceof Readable;
    try {
      await pipeline(isFromClient ? sources : Readable.from(inOrder(sources)), count, createWriteStream(path));
    } catch (error) {
      // What is neither refused nor a fault of the disk is a body that ended before its end.
      throw isFromClient && !(error instanceof Refusal) && !isOfDisk(error) ? refuse('malformed', 'The body broke off') : error;
    }
    return { path, size, hash: digest.digest('hex') };
  }

  private async clear(): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const path = join(this.folder, name);
      const about = await stat(path).catch(() => undefined);
      if (about !== undefined && Date.now() - about.mtimeMs > FORGOTTEN_MS) await rm(path, { recursive: true, force: true });
    }
  }
}

async function* inOrder(sources: AsyncIterable<Readable>): AsyncGenerator<Buffer> {
  for await (const source of sources) yield* source as AsyncIterable<Buffer>;
}

const DISK_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EIO', 'EROFS', 'EACCES', 'EMFILE', 'ENFILE', 'EDQUOT']);
const isOfDisk = (error: unknown): boolean => DISK_CODES.has((error as NodeJS.ErrnoException | null)?.code);
