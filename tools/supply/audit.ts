/** `npm run audit`: known weaknesses of the locked packages, or a plain word that nobody has looked. */
import { spawnSync } from 'node:child_process';
import { cloneRoot } from '#libs/runtime/project-root';
import { helpOnly } from '../help.ts';
import { complain, say } from '../progress.ts';

const HELP = `npm run audit

Asks the registry for known weaknesses of the packages that run in production. Ends with 0 when it says there is none that is high or critical,
1 when there is, 3 when it could not be asked: that is not a pass.`;

export interface Verdict {
  readonly code: 0 | 1 | 3;
  readonly says: string;
}

/** What `npm audit --json` has printed, as a verdict. */
export function verdictOf(stdout: string): Verdict {
  const notDone = (why: string): Verdict => ({ code: 3, says: `Not done: ${why}. Nothing is known about the packages' weaknesses.` });
  let report: {
    readonly error?: { readonly summary?: string };
    readonly message?: string;
    readonly metadata?: {
      readonly vulnerabilities?: Readonly<Record<string, number>>;
      readonly dependencies?: { readonly total?: number };
    };
  };
  try {
    report = JSON.parse(stdout);
  } catch {
    return notDone('npm audit has printed no report');
  }
  const { vulnerabilities, dependencies } = report.metadata ?? {};
  if (vulnerabilities === undefined) return notDone(report.error?.summary || report.message || 'the registry was not reached');
  if (!dependencies?.total) return notDone('npm audit has looked at no package');
  const { high = 0, critical = 0, total = 0 } = vulnerabilities;
  const says = `${dependencies.total} packages: ${total} weaknesses, ${high} high, ${critical} critical`;
  return { code: high + critical > 0 ? 1 : 0, says };
}

if (import.meta.main) {
  helpOnly(HELP);
  const { stdout } = spawnSync('npm', ['audit', '--json', '--omit=dev'], { cwd: cloneRoot(), encoding: 'utf8', maxBuffer: 64 * 1_048_576 });
  const { code, says } = verdictOf(stdout ?? '');
  (code === 0 ? say : complain)(says);
  process.exitCode = code;
}
