import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When a process started, in the system's own words: together with its pid it names one process for ever, while a pid alone is used again.
 * Undefined when there is no such process, or only a zombie.
 */
export function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      // proc(5): the second field is the program's name in brackets and may hold blanks; state is the 3rd field and starttime the 22nd.
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').trim().split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  const { stdout, status } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [, state, started] = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout ?? '') ?? [];
  return status !== 0 || state === undefined || state.startsWith('Z') ? undefined : started;
}

export interface ProcessIdentity {
  readonly pid: number;
  readonly start: string | undefined;
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, start: startOf(pid) };
}

export function isSameProcessAlive({ pid, start }: ProcessIdentity): boolean {
  return start !== undefined && startOf(pid) === start;
}
