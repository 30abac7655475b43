import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { redisProgram } from '../redis-program.ts';

let folder: string;
const path = process.env.PATH;

/** The PATH holds these programs alone. */
function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

const found = () => {
  const said: string[] = [];
  return { program: redisProgram((sentence) => said.push(sentence)), said };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'only2u-path-'));
  process.env.PATH = folder;
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true, force: true });
});

it('takes the redis-server on the PATH', () => {
  program('redis-server', 'echo "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc bits=64"');
  program('valkey-server', 'echo "Valkey server v=8.1.0 sha=00000000:0"');
  expect(found()).toEqual({ program: { kind: 'program', file: 'redis-server' }, said: [] });
});

it('passes over one that is too old', () => {
  program('redis-server', 'echo "Redis server v=6.2.7 sha=00000000:0"');
  program('valkey-server', 'echo "Valkey server v=8.1.0 sha=00000000:0"');
  expect(found().program).toEqual({ kind: 'program', file: 'valkey-server' });
});

it.runIf(process.getuid?.() === 0 && process.platform === 'linux')('installs one with apt as root, and says so first', () => {
  const install = `case "$*" in *install*redis-server) printf '#!/bin/sh\\necho v=7.4.1\\n' > ${folder}/redis-server; /bin/chmod +x ${folder}/redis-server ;; esac`;
  program('apt-get', install);
  expect(found()).toEqual({
    program: { kind: 'program', file: 'redis-server' },
    said: ['Redis is missing: installing it with "apt-get install redis-server"'],
  });
});

it('uses Docker where nothing else is', () => {
  program('docker', 'case "$1 $2" in "image inspect") exit 1 ;; *) exit 0 ;; esac');
  expect(found()).toEqual({
    program: { kind: 'docker', image: 'redis:7.4-alpine' },
    said: ['Redis is missing: pulling redis:7.4-alpine with Docker'],
  });
});

it('says in one line what to do where nothing works', () => {
  program('docker', 'exit 1');
  expect(found).toThrow(
    'No Redis was found. Install redis-server or valkey-server 7.0 or later, start Docker, or set REDIS_URL to a server of your own.',
  );
  program('redis-server', 'echo "Redis server v=6.2.7 sha=00000000:0"');
  expect(found).toThrow('redis-server on the PATH is version 6, and Only2U needs 7.0 or later.');
});
