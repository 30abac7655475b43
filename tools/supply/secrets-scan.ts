/** `npm run secrets:scan`: whether a secret stands in a file of the repository or was ever in one. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cloneRoot } from '#libs/runtime/project-root';
import { helpAsked } from '../help.ts';
import { complain, say } from '../progress.ts';
import { type Finding, rulesIn, type SecretRules, secretsIn } from './secret-rules.ts';

const HELP = `npm run secrets:scan [-- --history]

  --history   every line that any commit has added, too

Looks in every file that git has or would take for what the rules of .gitleaks.toml name. A value that guards nothing has gitleaks:allow in its line.
A finding is told by its place and its rule; what was found is not printed.`;

const MAX_BYTES = 4_194_304;

function filesOf(root: string): readonly string[] {
  const { status, stdout, stderr } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
  });
  if (status !== 0) throw new Error(`git lists no files: ${stderr.trim()}`);
  return stdout.split('\0').filter(Boolean);
}

function inFiles(root: string, rules: SecretRules): { readonly count: number; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  let count = 0;
  for (const file of filesOf(root)) {
    let bytes: Buffer;
    try {
      bytes = readFileSync(join(root, file));
    } catch {
      // Removed, and not committed yet.
      continue;
    }
    if (bytes.length > MAX_BYTES || bytes.subarray(0, 8_000).includes(0)) continue;
    count += 1;
    findings.push(...secretsIn(file, bytes.toString('utf8'), rules));
  }
  return { count, findings };
}

/** One text for each file of each commit: the lines it has added. */
async function inHistory(root: string, rules: SecretRules): Promise<{ readonly count: number; readonly findings: readonly Finding[] }> {
  const git = spawn('git', ['log', '--all', '-p', '-U0', '--no-color', '--no-renames', '--format=commit %h'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => git.once('close', resolve));
  const findings: Finding[] = [];
  let [count, commit, file] = [0, '', ''];
  let added: string[] = [];
  const look = (): void => {
    if (added.length > 0)
      findings.push(...secretsIn(file, added.join('\n'), rules).map((found) => ({ ...found, file: `${commit}:${file}`, line: 0 })));
    added = [];
  };
  for await (const line of createInterface({ input: git.stdout })) {
    if (line.startsWith('commit ') || line.startsWith('+++ ')) look();
    if (line.startsWith('commit ')) {
      commit = line.slice('commit '.length);
      count += 1;
    } else if (line.startsWith('+++ ')) file = line.slice('+++ b/'.length);
    else if (line.startsWith('+')) added.push(line.slice(1));
  }
  look();
  if ((await ended) !== 0) throw new Error('git log has failed');
  return { count, findings };
}

if (import.meta.main && !helpAsked(HELP)) {
  try {
    const stranger = process.argv.slice(2).find((arg) => arg !== '--history');
    if (stranger !== undefined) throw new Error(`There is no option ${stranger}. See npm run secrets:scan -- --help`);
    const root = cloneRoot();
    const rules = rulesIn(readFileSync(join(root, '.gitleaks.toml'), 'utf8'));
    const found = inFiles(root, rules);
    say(`${found.count} files, ${rules.rules.length} rules: ${found.findings.length} findings`);
    const before = process.argv.includes('--history') ? await inHistory(root, rules) : undefined;
    if (before !== undefined) say(`${before.count} commits: ${before.findings.length} findings`);
    const all = [...found.findings, ...(before?.findings ?? [])];
    for (const { rule, file, line } of all) complain(`${file}${line > 0 ? `:${line}` : ''}  ${rule}`);
    process.exitCode = all.length > 0 ? 1 : 0;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
