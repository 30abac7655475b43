import { setTimeout as sleep } from 'node:timers/promises';
import type { SelfTime } from './scenario.ts';

/** For the environment of a stack that is to be profiled: SIGUSR1 then opens each process's inspector on a port of its own. */
export const PROFILABLE = { NODE_OPTIONS: '--inspect-port=127.0.0.1:0' };

/** A process that was started with PROFILABLE. */
export interface Target {
  readonly name: string;
  readonly pid: number | undefined;
  /** Where it says at what address its inspector listens. */
  lines(): readonly string[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}
interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Samples the processes while `work` runs; by process, the functions with the most self time. */
export async function profiled(processes: readonly Target[], work: () => Promise<void>): Promise<Record<string, SelfTime[]>> {
  const inspectors = await Promise.all(processes.map(open));
  try {
    for (const inspector of inspectors) {
      await inspector.ask('Profiler.enable');
      await inspector.ask('Profiler.setSamplingInterval', { interval: 250 });
      await inspector.ask('Profiler.start');
    }
    await work();
    const profiles: Record<string, SelfTime[]> = {};
    for (const [index, inspector] of inspectors.entries()) {
      const { profile } = (await inspector.ask('Profiler.stop')) as { profile: Profile };
      profiles[processes[index]?.name ?? ''] = topOf(profile);
    }
    return profiles;
  } finally {
    for (const inspector of inspectors) inspector.close();
  }
}

interface Inspector {
  ask(method: string, params?: object): Promise<unknown>;
  close(): void;
}

async function open(target: Target): Promise<Inspector> {
  const address = (): string | undefined =>
    target
      .lines()
      .map((line) => /ws:\/\/127\.0\.0\.1:\d+\/\S+/.exec(line)?.[0])
      .findLast((found) => found !== undefined);
  if (target.pid === undefined) throw new Error(`${target.name} does not run`);
  process.kill(target.pid, 'SIGUSR1');
  for (let attempt = 0; address() === undefined && attempt < 100; attempt += 1) await sleep(50);
  const url = address();
  if (url === undefined) throw new Error(`${target.name} opened no inspector`);
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error(`${target.name}: no inspector at ${url}`)), { once: true });
  });
  const waiting = new Map<number, (result: unknown) => void>();
  let sequence = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id === undefined) return;
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  return {
    ask: (method, params = {}) =>
      new Promise((resolve) => {
        sequence += 1;
        waiting.set(sequence, resolve);
        socket.send(JSON.stringify({ id: sequence, method, params }));
      }),
    close: () => socket.close(),
  };
}

const IDLE = new Set(['(idle)', '(root)']);

function topOf({ nodes, samples, timeDeltas }: Profile): SelfTime[] {
  const names = new Map(nodes.map((node) => [node.id, nameOf(node)]));
  const times = new Map<string, number>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    if (IDLE.has(name)) continue;
    const time = timeDeltas[index] ?? 0;
    busy += time;
    times.set(name, (times.get(name) ?? 0) + time);
  }
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 10)
    .map(([name, time]) => ({ name, share: time / busy }));
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  if (url === '') return functionName || '(native)';
  const where = url
    .replace(/^file:\/\//, '')
    .replace(/^.*\/node_modules\//, '')
    .replace(/^.*\/dist\//, '');
  return `${functionName || '(anonymous)'} ${where}:${lineNumber + 1}`;
}
