/** Fails when an import crosses a boundary of `.dependency-cruiser.mjs`, or a file has a name that says nothing. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const NAMELESS = /^(index|common|shared|utils?|helpers?|misc)\.(ts|tsx)$/;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules') && !entry.parentPath.includes('/dist'))
    .map((entry) => join(entry.parentPath, entry.name));
}

const nameless = ['apps', 'libs'].flatMap(filesBelow).filter((file) => NAMELESS.test(file.split('/').at(-1) ?? ''));
for (const file of nameless) process.stderr.write(`${file}: a file's name says what is in it\n`);

const cruiser = spawnSync(
  process.execPath,
  [
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    '--config',
    '.dependency-cruiser.mjs',
    '--output-type',
    'err-long',
    'apps',
    'libs',
    'doubles',
    'tools',
  ],
  { stdio: 'inherit' },
);
process.exit(nameless.length > 0 ? 1 : (cruiser.status ?? 1));
