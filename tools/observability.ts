/** Writes the generated files of `observe/`. `--check` fails when they are out of date. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { observationFiles } from './observe/files.ts';
import { complain, say } from './progress.ts';

const root = cloneRoot();
const files = await observationFiles(root);
if (process.argv.includes('--check')) {
  const stale = [...files].filter(([file, content]) => !existsSync(join(root, file)) || readFileSync(join(root, file), 'utf8') !== content);
  for (const [file] of stale) complain(`${file} is not what tools/observe says; run npm run generate`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [file, content] of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  say(`${files.size} files`);
}
