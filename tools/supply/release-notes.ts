/** `npm run release-notes`: what is true since a release, from the first lines of its commits, and what an operator has to do for it. */
import { spawnSync } from 'node:child_process';
import { cloneRoot } from '#libs/runtime/project-root';
import { helpAsked } from '../help.ts';
import { complain, say } from '../progress.ts';

const HELP = `npm run release-notes [-- <from> [<to>]]

Prints Markdown: the commits after <from> (else the tag before <to>, else all) up to <to> (else HEAD), by the part that each touches most; new
migrations; variables that were added or are gone.`;

interface Commit {
  readonly hash: string;
  readonly subject: string;
  readonly files: readonly string[];
}
export interface Release {
  readonly commits: readonly Commit[];
  readonly migrations: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** The first that a file begins with counts. */
const PARTS: readonly [prefix: RegExp, part: string][] = [
  [/^apps\/web\//, 'Pages'],
  [/^apps\/gateway\//, 'Gateway'],
  [/^apps\/([a-z-]+)\//, ''],
  [/^(docker|k8s|observe|\.github|\.ci)\/|^Dockerfile|^docker-compose/, 'Operations'],
  [/^(libs\/client|libs\/contracts)\//, 'Contracts'],
  [/^(docs\/|[A-Z]+\.md$)/, 'Documents'],
  [/^(e2e|bench|doubles)\//, 'Tests and measurements'],
];
const OTHER = 'Libraries and tools';

function partOf({ files }: Commit): string {
  const counts = new Map<string, number>();
  for (const file of files) {
    const found = PARTS.find(([prefix]) => prefix.test(file));
    const part = found === undefined ? OTHER : found[1] || capital(/^apps\/([a-z-]+)\//.exec(file)?.[1] ?? OTHER);
    counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0] ?? OTHER;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const section = (title: string, lines: readonly string[]): string => (lines.length === 0 ? '' : `\n## ${title}\n\n${lines.join('\n')}\n`);

export function notesOf(name: string, { commits, migrations, added, removed }: Release): string {
  const parts = Map.groupBy(commits, partOf);
  const sections = [...parts]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([part, own]) =>
      section(
        part,
        own.map(({ subject, hash }) => `- ${subject} (${hash})`),
      ),
    );
  const work = [
    ...(migrations.length > 0 ? ['- Run `migrate` before the new processes start; the previous version runs beside the new tables.'] : []),
    ...migrations.map((file) => `- New or changed migrations: \`${file}\``),
    ...added.map((variable) => `- New variable \`${variable}\``),
    ...removed.map((variable) => `- Variable \`${variable}\` is gone`),
  ];
  return `# ${name}\n${section('Before it runs', work)}${sections.join('')}`;
}

export const variablesIn = (example: string): ReadonlySet<string> =>
  new Set([...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name));

function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: cloneRoot(), encoding: 'utf8', maxBuffer: 256 * 1_048_576 });
  if (status !== 0) throw new Error(`git ${args[0]}: ${stderr.trim().split('\n', 1)[0]}`);
  return stdout;
}

function read(from: string | undefined, to: string): Release {
  const range = from === undefined ? to : `${from}..${to}`;
  const commits = git('log', '--no-merges', '--name-only', '--format=%x00%h%x09%s', range)
    .split('\0')
    .filter(Boolean)
    .map((text) => {
      const [head = '', ...files] = text.split('\n').filter(Boolean);
      const [hash = '', subject = ''] = head.split('\t');
      return { hash, subject, files };
    });
  const migrations = new Set(
    commits.flatMap(({ files }) => files.filter((file) => /^apps\/[^/]+\/migrations\/(\d+-[^/]+|[^/]+\.migrations)\.ts$/.test(file))),
  );
  const exampleAt = (commit: string): ReadonlySet<string> => variablesIn(git('show', `${commit}:.env.example`));
  const now = exampleAt(to);
  const before = from === undefined ? now : exampleAt(from);
  return {
    commits,
    migrations: [...migrations].sort(),
    added: [...now].filter((name) => !before.has(name)),
    removed: [...before].filter((name) => !now.has(name)),
  };
}

/** The release before, where there was one. */
function tagBefore(to: string): string | undefined {
  try {
    return git('describe', '--tags', '--abbrev=0', `${to}^`).trim();
  } catch {
    return undefined;
  }
}

if (import.meta.main && !helpAsked(HELP)) {
  try {
    const args = process.argv.slice(2);
    const stranger = args.find((arg) => arg.startsWith('-')) ?? args[2];
    if (stranger !== undefined) throw new Error(`There is no option ${stranger}. See npm run release-notes -- --help`);
    const [given, to = 'HEAD'] = args;
    const name = git('describe', '--tags', '--always', to).trim();
    say(notesOf(name, read(given ?? tagBefore(to), to)));
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
