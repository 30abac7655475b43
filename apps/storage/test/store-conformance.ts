import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobPrefix, keptKey, type ObjectStore, partKey, renditionKey, StoreUnavailable } from '../src/store/object-store.ts';

/** What the service relies on, of every store. */
export function conforms(name: string, open: () => Promise<{ store: ObjectStore; close: () => Promise<void> }>): void {
  describe(name, () => {
    let folder: string;
    let opened: Awaited<ReturnType<typeof open>>;
    let store: ObjectStore;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'only2u-sent-'));
      opened = await open();
      store = opened.store;
      await store.check();
    });
    afterAll(async () => {
      await opened.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const sent = (bytes: Buffer) => {
      const path = join(folder, randomUUID());
      writeFileSync(path, bytes);
      return { path, bytes, size: bytes.length, hash: createHash('sha256').update(bytes).digest('hex') };
    };
    const put = async (key: string, bytes = randomBytes(3_000)) => {
      const file = sent(bytes);
      await store.put(key, file.path, file);
      return file;
    };

    it('gives the bytes that it took, whole and in part', async () => {
      const key = keptKey(randomUUID());
      const file = await put(key, randomBytes(300_000));
      expect(await buffer((await store.read(key, file)) as never)).toEqual(file.bytes);
      expect(await buffer((await store.read(key, file, { start: 5, end: 99_999 })) as never)).toEqual(file.bytes.subarray(5, 100_000));
      expect(await store.has(key, file)).toBe(true);
      expect(await store.has(key, { ...file, size: 5 })).toBe(false);
    });

    it('takes an object again, also while others do', async () => {
      const key = keptKey(randomUUID());
      const file = sent(randomBytes(50_000));
      await Promise.all(Array.from({ length: 8 }, () => store.put(key, file.path, file)));
      expect(await buffer((await store.read(key, file)) as never)).toEqual(file.bytes);
    });

    it('says what is not there, and what is not what was stored', async () => {
      const key = keptKey(randomUUID());
      const fingerprint = { size: 10, hash: '0'.repeat(64) };
      expect(await store.read(key, fingerprint)).toBeUndefined();
      expect(await store.has(key, fingerprint)).toBe(false);
      const file = await put(key);
      await expect(store.read(key, { ...file, size: file.size + 1 })).rejects.toThrow(StoreUnavailable);
    });

    it('deletes everything of a prefix and nothing else, twice if asked', async () => {
      const [one, two] = [randomUUID(), randomUUID()];
      const kept = await put(keptKey(one));
      const preset = await put(renditionKey(one, 'thumb', 'avif'));
      const other = await put(keptKey(two));
      await store.removeAll(blobPrefix(one));
      await store.removeAll(blobPrefix(one));
      expect([await store.has(keptKey(one), kept), await store.has(renditionKey(one, 'thumb', 'avif'), preset)]).toEqual([false, false]);
      expect(await store.has(keptKey(two), other)).toBe(true);
    });

    it('lists every object once, in the order of keys', async () => {
      const keys = [...Array.from({ length: 7 }, () => keptKey(randomUUID())), ...Array.from({ length: 4 }, () => partKey(randomUUID()))];
      for (const key of keys) await put(key);
      const listed: string[] = [];
      for (;;) {
        const page = await store.list(listed.at(-1), 3);
        listed.push(...page.map(({ key }) => key));
        if (page.length < 3) break;
      }
      expect(listed).toEqual([...new Set(listed)].sort());
      for (const key of keys) expect(listed).toContain(key);
    });
  });
}
