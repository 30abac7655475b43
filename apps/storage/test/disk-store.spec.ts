import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DiskStore } from '../src/store/disk-store.ts';
import { files } from './files.suite.ts';
import { conforms } from './store-conformance.ts';

conforms('a disk', async () => {
  // Where the sent files lie, as in the service: a link is made within one file system.
  const folder = mkdtempSync(join(tmpdir(), 'only2u-disk-'));
  return { store: new DiskStore(folder), close: async () => rmSync(folder, { recursive: true, force: true }) };
});

it('no key leads out of its folder', async () => {
  const store = new DiskStore('/nowhere');
  for (const key of ['../../etc/passwd', 'blobs/aa/../../x', '/etc/passwd', 'blobs/aa/0/kept'])
    await expect(store.has(key, { size: 1, hash: '' })).rejects.toThrow('is no key');
});

files('on a disk', async () => ({}));
