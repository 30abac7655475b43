import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Call } from '#libs/contracts/call';
import type { ByteSource } from '#libs/contracts/contract';
import type { File } from '#libs/contracts/storage/views';
import { sql } from '#libs/persistence/sql';
import { codeOf } from '#libs/testing/builders';
import { Pictures } from '../src/picture/pictures.ts';
import { blobPrefix, keptKey, StoreUnavailable } from '../src/store/object-store.ts';
import { callBy, photo, StorageFixture } from './storage-fixture.ts';

let storage: StorageFixture;
beforeAll(async () => {
  storage = await StorageFixture.open({}, 2);
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => storage.close());

/** At replica 0, once: what happens while a preset is being rendered. */
function whileRendering(happens: () => Promise<void>): void {
  const pictures = storage.get(Pictures);
  const render = pictures.render.bind(pictures);
  vi.spyOn(pictures, 'render').mockImplementationOnce(async (...parameters) => {
    const made = await render(...parameters);
    await happens();
    return made;
  });
}

const blobOf = async ({ hash }: File): Promise<string> =>
  (await storage.database.row<{ id: string }>(sql`SELECT id FROM blobs WHERE hash = ${hash}`))?.id as string;

async function expectWhole(file: File, by: Call): Promise<void> {
  const blobId = await blobOf(file);
  expect(await storage.database.row(sql`SELECT 1 FROM leftovers WHERE prefix = ${blobPrefix(blobId)}`)).toBeUndefined();
  await storage.cleaner.deleteLeftovers();
  expect((await storage.read(file.id, by)).bytes.length).toBe(file.size);
  expect((await storage.read(file.id, by, { preset: 'thumb' }, 'image/webp')).bytes.length).toBeGreaterThan(0);
}

describe('the bytes of a picture stay', () => {
  it('when a replica takes longer than its lease and the one that took over fails', async () => {
    const by = callBy();
    const file = await storage.upload(await photo(), { by });
    whileRendering(async () => {
      await storage.database.execute(sql`UPDATE renditions SET leased_until = now() - interval '1 second'`);
      vi.spyOn(storage.get(Pictures, 1), 'render').mockRejectedValueOnce(new StoreUnavailable('the second fails'));
      expect(await codeOf(storage.read(file.id, by, { preset: 'thumb' }, 'image/webp', 1))).toBe('unavailable');
    });
    expect(await codeOf(storage.read(file.id, by, { preset: 'thumb' }, 'image/webp'))).toBe('ok');
    await expectWhole(file, by);
  });

  it('when readers find a lost preset missing while it is being made again', async () => {
    const by = callBy();
    const file = await storage.upload(await photo(), { by });
    const blobId = await blobOf(file);
    const kept = (await storage.read(file.id, by)).bytes;
    await storage.read(file.id, by, { preset: 'thumb' }, 'image/webp');
    const opened = async (on: number): Promise<ByteSource> => {
      const { body } = await storage.answerTo(file.id, by, { preset: 'thumb' }, 'image/webp', on);
      return body as ByteSource;
    };
    const [first, late] = [await opened(0), await opened(1)];
    // Of all objects of the picture only the preset is lost.
    await storage.store.removeAll(blobPrefix(blobId));
    const path = join(storage.directory, 'again');
    writeFileSync(path, kept);
    await storage.store.put(keptKey(blobId), path, file);
    expect(await codeOf(first.open())).toBe('unavailable');
    whileRendering(async () => {
      expect(await codeOf(late.open())).toBe('unavailable');
    });
    expect((await buffer(await (await opened(0)).open())).length).toBeGreaterThan(0);
    await expectWhole(file, by);
  });

  it('but not when the picture is deleted while a preset is made', async () => {
    const by = callBy();
    const file = await storage.upload(await photo(), { by });
    const blobId = await blobOf(file);
    whileRendering(() => storage.files.remove({ id: file.id }, by));
    expect(await codeOf(storage.read(file.id, by, { preset: 'thumb' }, 'image/webp'))).toBe('not_found');
    await vi.waitFor(async () => expect((await storage.stored()).filter((key) => key.startsWith(blobPrefix(blobId)))).toEqual([]), 20_000);
  });
});

it('a large picture is decoded where the spool is, and a disk that takes nothing is no fault of the picture', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'only2u-pictures-'));
  const pictures = new Pictures({ STORAGE_DIR: folder });
  try {
    const [sent, kept] = [join(folder, 'sent'), join(folder, 'kept')];
    // More than libvips keeps in memory.
    const create = { width: 7_000, height: 6_000, channels: 3, background: '#a52' } as const;
    await sharp({ create }).webp({ effort: 0 }).toFile(sent);
    await expect(pictures.keep(sent, kept, 'image/webp')).rejects.toThrow(StoreUnavailable);
    mkdirSync(join(folder, 'spool'));
    expect((await pictures.keep(sent, kept, 'image/webp')).outcome).toBe('kept');
    writeFileSync(sent, Buffer.from([0xff, 0xd8, 0xff]));
    expect((await pictures.keep(sent, kept, 'image/jpeg')).outcome).toBe('broken');
  } finally {
    await pictures.onApplicationShutdown();
    rmSync(folder, { recursive: true, force: true });
  }
});
