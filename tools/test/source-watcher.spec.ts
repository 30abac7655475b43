import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { watchSources } from '../source-watcher.ts';

let root: string;
let told: string[][];
let stopping: AbortController;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'only2u-watched-'));
  mkdirSync(join(root, 'libs'));
  writeFileSync(join(root, 'libs', 'a.ts'), 'first');
  told = [];
  stopping = new AbortController();
  await watchSources(root, ['libs'], async (files) => void told.push([...files]), stopping.signal);
});
afterEach(() => {
  stopping.abort();
  rmSync(root, { recursive: true });
});

/** As sed -i, git checkout and careful editors write. */
function saveByRename(file: string, content: string): void {
  writeFileSync(join(root, `${file}.new`), content);
  renameSync(join(root, `${file}.new`), join(root, file));
}

it('a file that is saved by rename again and again is told each time', async () => {
  for (const round of [1, 2, 3, 4]) {
    saveByRename('libs/a.ts', `round ${round}`);
    await eventually(() => told.length === round);
  }
  writeFileSync(join(root, 'libs', 'a.ts'), 'in place');
  await eventually(() => told.length === 5);
  expect(told).toEqual(Array(5).fill(['libs/a.ts']));
});

it('files that are made and removed later are told, and those that are no source are not', async () => {
  writeFileSync(join(root, 'libs', 'notes.md'), 'no source');
  writeFileSync(join(root, 'libs', 'a.spec.ts'), 'a test');
  writeFileSync(join(root, 'libs', 'b.ts'), 'new');
  await eventually(() => told.length === 1);
  rmSync(join(root, 'libs', 'b.ts'));
  await eventually(() => told.length === 2);
  expect(told).toEqual([['libs/b.ts'], ['libs/b.ts']]);
});
