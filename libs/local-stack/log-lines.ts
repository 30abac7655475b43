import { styleText } from 'node:util';

/** Cuts a stream of chunks into lines. */
export class LineSplitter {
  #rest = '';
  readonly #line: (line: string) => void;

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  push(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.#line(line.replace(/\r$/, ''));
  }

  end(): void {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
  }
}

const levels: Readonly<Record<number, readonly [name: string, style: Parameters<typeof styleText>[0]]>> = {
  10: ['trace', 'gray'],
  20: ['debug', 'gray'],
  30: ['info ', 'green'],
  40: ['WARN ', 'yellow'],
  50: ['ERROR', 'red'],
  60: ['FATAL', 'red'],
};
const prefixStyles = ['cyan', 'magenta', 'blue', 'green', 'yellow'] as const;
/** What the prefix and the line's own beginning already say. */
const omitted = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'app', 'instance', 'service', 'stack']);

export interface LogLine {
  /** Pino's number; 30 for a line that is not JSON. */
  readonly level: number;
  readonly text: string;
}

/** One line of a process for people: a JSON line of pino's becomes time, level, event and fields, anything else stays as it is. */
export function readable(line: string): LogLine {
  const entry = jsonObject(line);
  if (entry === undefined) return { level: 30, text: line };
  const level = typeof entry.level === 'number' ? entry.level : 30;
  const [name, style] = levels[level] ?? [String(level), 'white'];
  const time = typeof entry.time === 'number' || typeof entry.time === 'string' ? new Date(entry.time) : undefined;
  const clock = time === undefined || Number.isNaN(time.getTime()) ? '' : `${time.toTimeString().slice(0, 8)} `;
  const fields = Object.entries(entry).filter(([key]) => !omitted.has(key));
  const stack = fields.flatMap(([, value]) => stackOf(value)).concat(typeof entry.stack === 'string' ? entry.stack : []);
  const shown = fields.map(([key, value]) => `${styleText('gray', `${key}=`)}${fieldText(value)}`);
  const text = [`${styleText('gray', clock)}${styleText(style, name)} ${String(entry.msg ?? '')}`, ...shown].join(' ');
  return { level, text: [text, ...stack].join('\n') };
}

function jsonObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function stackOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string' ? [value.stack] : [];
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'object' && value !== null && 'stack' in value && 'message' in value) return JSON.stringify(value.message);
  return JSON.stringify(value) ?? 'undefined';
}

/** The process's name in front, in a colour of its own; further lines of one entry are indented to match. */
export function prefixed(process: string, text: string, width: number): string {
  const sum = [...process].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  const prefix = styleText(prefixStyles[sum % prefixStyles.length] ?? 'cyan', process.padEnd(width));
  return text
    .split('\n')
    .map((line) => `${prefix} ${styleText('gray', '│')} ${line}`)
    .join('\n');
}
