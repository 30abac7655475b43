import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';

/** What Linux says about processes; nothing here works elsewhere. */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** The fields of `/proc/<pid>/stat` after the command's name, which may hold spaces and brackets. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** The process and everything below it. */
export function familyOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const family = [pid];
  for (const member of family) family.push(...(children.get(member) ?? []));
  return family;
}

/** Milliseconds of CPU (user and system) of a process and its family, with those of its children that are gone. */
export function cpuOf(pid: number): number {
  let ticks = 0;
  for (const member of familyOf(pid)) {
    const stat = statOf(member);
    // utime, stime, cutime, cstime: a Postgres backend that has ended is in its parent's last two.
    if (stat !== undefined) ticks += stat.slice(11, 15).reduce((sum, value) => sum + Number(value), 0);
  }
  return (ticks * 1_000) / ticksPerSecond;
}

export interface Memory {
  /** MB resident. */
  readonly rss: number;
  /** MB that no other process has. */
  readonly own: number;
  /** MB with each shared page divided among its users. */
  readonly shared: number;
}

export function memoryOf(pid: number): Memory {
  const sum = { rss: 0, own: 0, shared: 0 };
  for (const member of familyOf(pid)) {
    const text = readFileSync(`/proc/${member}/smaps_rollup`, 'utf8');
    const megabytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1_024;
    sum.rss += megabytes('Rss');
    sum.own += megabytes('Private_Clean') + megabytes('Private_Dirty');
    sum.shared += megabytes('Pss');
  }
  return sum;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Where it listens, when it does. */
  readonly url: string;
  /** What it wrote to standard error. */
  lines(): readonly string[];
  stop(): Promise<void>;
}

/** Starts a program of bench/programs and waits until it says that it is ready. It ends with us. */
export async function startChild(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  root = cloneRoot(),
): Promise<Child> {
  const file = join(root, 'dist', 'bench', 'programs', `${name}.js`);
  const child = fork(file, [...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const exited = once(child, 'exit');
  const ready = await Promise.race([once(child, 'message'), exited.then(() => undefined), patience(20_000)]);
  const [message] = ready ?? [];
  if (typeof message !== 'object' || child.pid === undefined) {
    child.kill('SIGKILL');
    throw new Error(`${name} did not start:\n${complaints}`);
  }
  return {
    name,
    pid: child.pid,
    url: (message as { url?: string }).url ?? '',
    lines: () => complaints.split('\n'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await exited;
    },
  };
}

const patience = (milliseconds: number): Promise<undefined> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(undefined), milliseconds).unref();
  });
