import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, eventually } from '#libs/testing/builders';
import { S3Store } from '../src/store/s3-store.ts';
import { files } from './files.suite.ts';
import { hasS3, S3Server } from './s3-server.ts';
import { callBy, photo, StorageFixture } from './storage-fixture.ts';
import { conforms } from './store-conformance.ts';

// REQUIRE_S3=1: fails without a server instead of being skipped.
describe.skipIf(!hasS3)('on a real S3 server', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await S3Server.start();
  });
  afterAll(() => server.stop());

  const place = (secret?: string) => ({
    ...{ bucket: 'conformance', endpoint: `http://127.0.0.1:${server.port}`, region: 'us-east-1' },
    ...{ accessKeyId: 'storage-tests', secretAccessKey: secret ?? 'a-secret-of-storage-tests' },
  });

  conforms('S3', async () => {
    const store = new S3Store(place());
    return { store, close: async () => store.close() };
  });

  files('in S3', async () => server.environment('files-of-suite'));

  it('nothing is there for anybody without a signature, nor with a wrong one', async () => {
    const store = new S3Store(place('another-secret-of-tests'));
    await expect(store.check()).rejects.toThrow('S3');
    expect((await fetch(`http://127.0.0.1:${server.port}/files-of-suite?list-type=2`)).status).toBe(403);
    store.close();
  });

  it('while it is away or silent, bytes are unavailable in time, everything else goes on, and nothing is lost', async () => {
    const storage = await StorageFixture.open(server.environment(`away-${randomUUID().slice(0, 8)}`));
    try {
      const by = callBy();
      const file = await storage.upload(await photo(), { by });
      for (const fault of ['pause', 'freeze'] as const) {
        await server[fault]();
        const began = performance.now();
        expect(await codeOf(storage.read(file.id, by))).toBe('unavailable');
        expect(await codeOf(storage.upload(await photo(), { by }))).toBe('unavailable');
        expect(performance.now() - began).toBeLessThan(15_000);
        expect((await storage.files.get({ id: file.id }, by)).id).toBe(file.id);
        expect((await storage.usageOf(by)).files).toBe(1);
        if (fault === 'pause') await server.resume();
        else server.thaw();
      }
      await eventually(async () => (await storage.read(file.id, by)).bytes.length === file.size);
      await storage.files.remove({ id: file.id }, by);
      await eventually(async () => (await storage.stored()).length === 0, 60_000);
    } finally {
      await storage.close();
    }
  });
});
