import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it } from 'vitest';
import { isLost } from './database-errors.ts';

it('a Unix socket whose server is stopped is a lost connection', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'no-server-'));
  const client = new pg.Client(`postgres://shop:secret@127.0.0.1:1/shop?host=${folder}`);
  const error: unknown = await client.connect().catch((reason: unknown) => reason);
  rmSync(folder, { recursive: true });
  expect([error, isLost(error)]).toEqual([expect.objectContaining({ code: 'ENOENT' }), true]);
});
