import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirInUse, lockDataDir } from '../lock.ts';
import { freePort, isFree, requireFreePorts } from '../ports.ts';
import { identityOf, isSameProcessAlive } from '../process-identity.ts';
import { loginPassword, secretsOf } from '../secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'only2u-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the lock of a data folder', () => {
  it('is held by one at a time, who is named', () => {
    const first = lockDataDir(folder);
    expect(() => lockDataDir(folder)).toThrow(`(process ${process.pid}) uses ${folder}`);
    first.release();
    lockDataDir(folder).release();
  });

  it('is taken over from a process that is gone', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid, start: '1' }));
    lockDataDir(folder).release();
  });

  it('is taken over from a dead process whose pid another one has got', () => {
    writeFileSync(join(folder, 'lock'), JSON.stringify({ ...identityOf(process.pid), start: 'another time' }));
    lockDataDir(folder).release();
  });

  it('is respected while it is being written', () => {
    writeFileSync(join(folder, 'lock'), '');
    expect(() => lockDataDir(folder)).toThrow(DataDirInUse);
  });
});

it('knows a process by pid and start', () => {
  const self = identityOf(process.pid);
  expect(isSameProcessAlive(self)).toBe(true);
  expect(isSameProcessAlive({ ...self, start: `${self.start}1` })).toBe(false);
});

describe('ports', () => {
  it('that are taken are named, with who wants them and what moves them', async () => {
    const port = await freePort();
    const wanted = [{ port, name: 'gateway', variable: 'GATEWAY_PORT' }];
    await requireFreePorts(wanted);
    const server = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      expect(await isFree(port)).toBe(false);
      await expect(requireFreePorts(wanted)).rejects.toThrow(
        `Port ${port} (gateway) is taken by another program. Stop that program, or move ours with GATEWAY_PORT.`,
      );
    } finally {
      server.close();
    }
  });

  it('that are handed out lie below those of outgoing connections, and none twice', async () => {
    const first = await freePort();
    const second = await freePort(new Set([first]));
    expect(second).not.toBe(first);
    expect(Math.max(first, second)).toBeLessThan(32_768);
  });
});

describe('generated secrets', () => {
  it('stay the same for a data folder, differ between folders, and are nobody else’s to read', () => {
    const secrets = secretsOf(folder);
    expect(secretsOf(folder)).toEqual(secrets);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
    mkdirSync(join(folder, 'other'));
    const others = secretsOf(join(folder, 'other'));
    for (const [name, value] of Object.entries(secrets)) expect(Object.entries(others)).not.toContainEqual([name, value]);
    expect(secrets.JWT_PRIVATE_KEY).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(loginPassword(secrets, 'order')).not.toBe(loginPassword(secrets, 'cart'));
  });
});
