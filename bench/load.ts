import autocannon from 'autocannon';
import { cpuOf, type Memory } from './processes.ts';

/** Names of processes and their ids. */
export type Pids = Readonly<Record<string, number>>;

export interface Cost {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds of CPU a request, of all processes. */
  readonly total: number;
  /** The same by process. */
  readonly by: Readonly<Record<string, number>>;
}

/** One run of a case. */
export interface Sample extends Cost {
  /** Milliseconds by the clock, from a request to its answer. */
  readonly latencies?: Latencies;
  /** What was counted, for each request. */
  readonly counts?: Readonly<Record<string, number>>;
  readonly atRest?: readonly AtRest[];
}

export interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

/** A process that nobody asks for anything. */
export interface AtRest {
  readonly name: string;
  readonly memory: Memory;
  /** From its start until it was ready, where that was measured. */
  readonly start: { readonly seconds: number; readonly cpuSeconds: number } | undefined;
  /** Milliseconds of CPU in a second. */
  readonly busy: number;
}

/** In this order tables show them, with services that are not named here before the stores; `all`: gateway and services in one process. */
const SERVICES = ['all', 'gateway', 'auth', 'product', 'cart', 'coupon', 'order', 'payment', 'notification'];
const STORES = ['postgres', 'redis', 'redis-cache'];

/** Those of these processes that took part, and how a table calls them; all unless said. */
export function columnsOf(samples: readonly Cost[], wanted?: readonly string[]): { name: string; title: string }[] {
  const there = [...new Set(samples.flatMap(({ by }) => Object.keys(by)))];
  const others = there.filter((name) => !SERVICES.includes(name) && !STORES.includes(name)).sort();
  return [...SERVICES, ...others, ...STORES]
    .filter((name) => there.includes(name) && (wanted === undefined || name === 'all' || wanted.includes(name)))
    .map((name) => ({ name, title: name === 'all' ? 'gateway and services' : name }));
}

/** Runs a load and counts what the processes spent on it. `work` answers how many requests it made. */
export async function costOf(pids: Pids, work: () => Promise<number>): Promise<Cost> {
  const names = Object.keys(pids);
  const before = names.map((name) => cpuOf(pids[name] ?? 0));
  const began = performance.now();
  const requests = await work();
  const seconds = (performance.now() - began) / 1_000;
  const spent = names.map((name, index) => cpuOf(pids[name] ?? 0) - (before[index] ?? 0));
  return {
    requests,
    seconds,
    total: spent.reduce((sum, one) => sum + one, 0) / requests,
    by: Object.fromEntries(names.map((name, index) => [name, (spent[index] ?? 0) / requests])),
  };
}

/** As `costOf`, of a load that knows how long its answers took. */
export async function sampleOf(pids: Pids, load: () => Promise<Loaded>): Promise<Sample> {
  let latencies: Latencies | undefined;
  const cost = await costOf(pids, async () => {
    const loaded = await load();
    latencies = loaded.latencies;
    return loaded.requests;
  });
  return { ...cost, ...(latencies && { latencies }) };
}

export interface Loaded {
  readonly requests: number;
  readonly latencies: Latencies;
}

export interface HttpLoad {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Requests sent in turn, each once, instead of the URL's; the load ends with the last. */
  readonly requests?: readonly PlainRequest[];
}

export interface PlainRequest {
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A closed loop: each connection sends its next request when it has the answer to the last. @throws Error when an answer is no 2xx. */
export async function httpLoad({ url, connections, seconds, method = 'GET', headers = {}, body, requests }: HttpLoad): Promise<Loaded> {
  let next = 0;
  const result = await autocannon({
    url,
    connections,
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(requests === undefined
      ? { duration: seconds }
      : {
          amount: requests.length,
          requests: [
            {
              setupRequest: (request: autocannon.Request) => {
                const given = requests[next % requests.length];
                next += 1;
                return { ...request, ...given, headers: { ...request.headers, ...given?.headers } };
              },
            },
          ],
        }),
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} answers were no 2xx, ${result.errors} requests failed`);
  return { requests: result['2xx'], latencies: { p50: result.latency.p50, p99: result.latency.p99 } };
}

/** Does `work` for 0 … count − 1, never more than `inFlight` at once. */
export async function inTurn(count: number, inFlight: number, work: (index: number, lane: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (number: number): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index, number);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, (_, number) => lane(number)));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

export function latenciesOf(milliseconds: readonly number[]): Latencies {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

export const medianRate = (costs: readonly Cost[]): number => median(costs.map(({ requests, seconds }) => requests / seconds));

/** The median over rounds; NaN where no latencies were taken. */
export const medianLatency = (samples: readonly Sample[], which: keyof Latencies): number =>
  median(samples.map(({ latencies }) => latencies?.[which] ?? Number.NaN));

/** Per process, the median over rounds. */
export function medianBy(costs: readonly Cost[]): Record<string, number> {
  const names = Object.keys(costs[0]?.by ?? {});
  return Object.fromEntries(names.map((name) => [name, median(costs.map(({ by }) => by[name] ?? 0))]));
}

export const medianTotal = (costs: readonly Cost[]): number => median(costs.map(({ total }) => total));
