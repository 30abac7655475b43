/** What the commands print: one line for each phase with its seconds, logs of processes, and a table. */
import { styleText } from 'node:util';
import { prefixed, readable } from '#libs/local-stack/log-lines';

export function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

export function complain(sentence: string): void {
  process.stderr.write(`${styleText('red', sentence, { stream: process.stderr })}\n`);
}

export function phaseDone(name: string, seconds: number, note = ''): void {
  say(
    `  ${styleText('green', '✓')} ${name.padEnd(22)} ${seconds.toFixed(1).padStart(5)} s${note === '' ? '' : `  ${styleText('gray', note)}`}`,
  );
}

export async function timed<T>(name: string, work: () => Promise<T>, note: (result: T) => string = () => ''): Promise<T> {
  const began = performance.now();
  const result = await work();
  phaseDone(name, (performance.now() - began) / 1000, note(result));
  return result;
}

const warning = 40;
const stores = new Set(['postgres', 'redis', 'redis-cache']);
const prefixWidth = 12;

export interface ProcessLog {
  readonly write: (process: string, line: string) => void;
  /** Until this is called only warnings are shown, so that the start stays readable. */
  open(): void;
}

/** `format` json passes lines on as they are. Stores' lines are kept by the stack and shown when one fails. */
export function processLog(format: 'json' | 'pretty'): ProcessLog {
  let opened = false;
  return {
    open: () => {
      opened = true;
    },
    write: (name, line) => {
      if (stores.has(name)) return;
      if (format === 'json') {
        say(line);
        return;
      }
      const { level, text } = readable(line);
      if (opened || level >= warning) say(prefixed(name, text, prefixWidth));
    },
  };
}

export function table(title: string, rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, column) => Math.max(all[column] ?? 0, cell.length)), []);
  say(`\n  ${styleText('bold', title)}`);
  for (const row of rows)
    say(
      `    ${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd()}`,
    );
}

/** An error for the person at the terminal: our own are sentences, anything else shows where it happened. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const ours = ['EnvironmentError', 'DataDirInUse', 'PortsTaken', 'ProcessFailed', 'Error'];
  return ours.includes(error.name) ? error.message : (error.stack ?? error.message);
}
