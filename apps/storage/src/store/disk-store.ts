import { randomUUID } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ByteRange } from '#libs/contracts/contract';
import { type Fingerprint, type ObjectStore, type StoredObject, StoreUnavailable } from './object-store.ts';

const KEY = /^(?:blobs|parts)\/[0-9a-f]{2}\/[0-9a-f-]{36}\/[a-z.]{1,20}$/;

/** Files below a folder, which all replicas share. */
export class DiskStore implements ObjectStore {
  constructor(private readonly folder: string) {}

  /** The bytes are on the disk before they have their name, so that a power cut leaves no half file with it. */
  put(key: string, path: string): Promise<void> {
    return attempt(async () => {
      const target = this.pathOf(key);
      const file = await open(path, 'r+');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      for (let tries = 1; ; tries += 1) {
        await mkdir(dirname(target), { recursive: true });
        try {
          // Under a name of its own first, for the sender's may be needed again, and a target that is there is replaced at once.
          const fresh = `${target}.${randomUUID()}`;
          await link(path, fresh);
          return await rename(fresh, target);
        } catch (error) {
          // Somebody has just cleared the empty folder away.
          if (codeOf(error) !== 'ENOENT' || tries === 3) throw error;
        }
      }
    });
  }

  read(key: string, { size }: Fingerprint, range?: ByteRange): Promise<Readable | undefined> {
    return attempt(async () => {
      const file = await open(this.pathOf(key), 'r').catch(orMissing);
      if (file === undefined) return undefined;
      const found = await file.stat();
      if (found.size !== size) {
        await file.close();
        throw new StoreUnavailable(`${key} has another size than was stored`);
      }
      return createReadStream('', { fd: file, ...range });
    });
  }

  has(key: string, { size }: Fingerprint): Promise<boolean> {
    return attempt(async () => (await stat(this.pathOf(key)).catch(orMissing))?.size === size);
  }

  removeAll(prefix: string): Promise<void> {
    return attempt(async () => {
      const folder = dirname(this.pathOf(`${prefix}x`));
      await rm(folder, { recursive: true, force: true });
      // Only an empty one goes.
      await rmdir(dirname(folder)).catch(() => undefined);
    });
  }

  list(after: string | undefined, limit: number): Promise<StoredObject[]> {
    return attempt(async () => {
      const found: StoredObject[] = [];
      for await (const key of this.keys(after)) {
        const about = await stat(join(this.folder, key)).catch(orMissing);
        if (about !== undefined) found.push({ key, storedAt: about.mtime });
        if (found.length === limit) break;
      }
      return found;
    });
  }

  check(): Promise<void> {
    return attempt(async () => {
      await mkdir(this.folder, { recursive: true });
    });
  }

  /** In the order of keys, without those of folders that are past. */
  private async *keys(after = '', path = ''): AsyncGenerator<string> {
    const entries: Dirent[] = (await readdir(join(this.folder, path), { withFileTypes: true }).catch(orMissing)) ?? [];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const key = `${path}${entry.name}`;
      if (entry.isDirectory()) {
        // `spool` is not ours to list.
        const isPast = `${key}/` < after.slice(0, key.length + 1);
        if (!isPast && /^(?:blobs|parts)/.test(key)) yield* this.keys(after, `${key}/`);
      } else if (key > after && path !== '') yield key;
    }
  }

  private pathOf(key: string): string {
    if (!KEY.test(key)) throw new Error(`${key} is no key`);
    return join(this.folder, key);
  }
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException | null)?.code;

function orMissing(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined;
  throw error;
}

/** A full or failing disk is one that is away. */
async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (typeof codeOf(error) === 'string') throw new StoreUnavailable('the disk of the files does not take or give them', { cause: error });
    throw error;
  }
}
