import { LineSplitter } from './log-lines.ts';
import { type Command, ProcessFailed, spawnCommand } from './supervised-process.ts';
import type { Watchdog } from './watchdog.ts';

export interface Job {
  readonly name: string;
  readonly command: Command;
  readonly log: (line: string) => void;
  readonly watchdog: Watchdog;
  readonly signal: AbortSignal;
  readonly onMessage?: (message: unknown) => void;
}

/** Runs a command to its end. @throws ProcessFailed with its last lines, or the signal's reason. */
export function runJob({ name, command, log, watchdog, signal, onMessage }: Job): Promise<void> {
  signal.throwIfAborted();
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    log(line);
  };
  return new Promise((resolve, reject) => {
    const child = spawnCommand(command, onMessage !== undefined);
    const { pid } = child;
    if (pid !== undefined) watchdog.guard(pid, 'TERM');
    const abort = () => child.kill('SIGKILL');
    signal.addEventListener('abort', abort, { once: true });
    for (const stream of [child.stdout, child.stderr]) {
      const splitter = new LineSplitter(keep);
      stream
        ?.setEncoding('utf8')
        .on('data', (chunk: string) => splitter.push(chunk))
        .on('close', () => splitter.end());
    }
    if (onMessage !== undefined) child.on('message', onMessage);
    child.once('error', (error) => keep(error.message));
    child.once('close', (code, killedBy) => {
      signal.removeEventListener('abort', abort);
      if (pid !== undefined) watchdog.release(pid);
      if (code === 0) resolve();
      else if (signal.aborted) reject(signal.reason);
      else {
        const last = lines.slice(-20).map((line) => `    ${line}`);
        reject(new ProcessFailed([`${name} failed (${killedBy ?? `exit code ${code}`})`, ...last].join('\n')));
      }
    });
  });
}
