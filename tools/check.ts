/** `npm run check`: format, lint, types, boundaries and generated files, two at a time. Shows what each failure has printed. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { helpAsked } from './help.ts';
import { complain, phaseDone, say } from './progress.ts';

const HELP = `npm run check [-- --changed]

  --changed   format and lint of the files that differ from main alone; types and all the rest as ever

Format, lint, types, boundaries between folders, and whether the generated files are fresh.`;

const root = cloneRoot();
const program = (path: string) => join(root, 'node_modules', path);
const tool = (name: string) => ['--conditions=source', join('tools', name)];

interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

/** The two columns run side by side, the steps of a column one after the other: some build `dist`. */
const columnsFor = (lint: readonly string[]): readonly (readonly Step[])[] => [
  [
    {
      name: 'types',
      args: [program('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json', '--pretty', String(process.stdout.isTTY === true)],
    },
  ],
  [
    { name: 'format and lint', args: [program('@biomejs/biome/bin/biome'), ...lint, `--colors=${process.stdout.isTTY ? 'force' : 'off'}`] },
    { name: 'boundaries', args: tool('boundaries.ts') },
    { name: 'generated environment', args: [...tool('environment.ts'), '--check'] },
    { name: 'generated deployment', args: [...tool('deployment.ts'), '--check'] },
    { name: 'generated OpenAPI', args: [...tool('openapi.ts'), '--check'] },
    { name: 'generated error codes', args: [...tool('error-codes.ts'), '--check'] },
    { name: 'generated maps', args: [...tool('maps.ts'), '--check'] },
    { name: 'generated retention', args: [...tool('retention.ts'), '--check'] },
    { name: 'generated observation', args: [...tool('observability.ts'), '--check'] },
  ],
];

const args = process.argv.slice(2);
const stranger = args.find((arg) => !['--changed', '--help', '-h'].includes(arg));
if (helpAsked(HELP, args)) process.exitCode = 0;
else if (stranger !== undefined) {
  complain(`There is no option ${stranger}. See npm run check -- --help`);
  process.exitCode = 2;
} else {
  const lint = args.includes('--changed') ? ['check', '--no-errors-on-unmatched', ...changedFiles()] : ['ci'];
  const outcomes = await Promise.all(columnsFor(lint).map(runColumn));
  process.exitCode = outcomes.every(Boolean) ? 0 : 1;
}

/** Tracked and new files that differ from where this branch left main. */
function changedFiles(): string[] {
  const git = (...command: string[]) => spawnSync('git', command, { cwd: root, encoding: 'utf8' }).stdout.split('\n');
  const base = git('merge-base', 'HEAD', 'main')[0] || 'HEAD';
  return [...git('diff', '--name-only', '--diff-filter=d', base), ...git('ls-files', '--others', '--exclude-standard')].filter(Boolean);
}

async function runColumn(steps: readonly Step[]): Promise<boolean> {
  for (const { name, args } of steps) {
    const began = performance.now();
    const { status, output } = await run(args);
    if (status !== 0) {
      complain(`${name} failed:`);
      say(output);
      return false;
    }
    phaseDone(name, (performance.now() - began) / 1_000);
  }
  return true;
}

function run(args: readonly string[]): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject).once('close', (status) => resolve({ status, output }));
  });
}
