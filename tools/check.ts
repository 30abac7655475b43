/** `npm run check`: format and lint, types, boundaries, generated files. Stops at the first failure and shows its output. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { complain, phaseDone, say } from './progress.ts';

const root = cloneRoot();
const program = (path: string) => join(root, 'node_modules', path);
const tool = (name: string) => ['--conditions=source', join('tools', name)];

const steps: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['format and lint', [program('@biomejs/biome/bin/biome'), 'ci', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`]],
  ['types', [program('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json', '--pretty', String(process.stdout.isTTY === true)]],
  ['boundaries', tool('boundaries.ts')],
  ['generated environment', [...tool('environment.ts'), '--check']],
  ['generated deployment', [...tool('deployment.ts'), '--check']],
  ['generated OpenAPI', [...tool('openapi.ts'), '--check']],
  ['generated error codes', [...tool('error-codes.ts'), '--check']],
];

for (const [name, args] of steps) {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) {
    say(`${stdout}${stderr}`.trimEnd());
    complain(`\n  ✗ ${name}`);
    process.exitCode = 1;
    break;
  }
  phaseDone(name, (performance.now() - began) / 1000);
}
