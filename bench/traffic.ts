import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Shop } from './shop.ts';

/** Sums since the shop began, by what was counted. */
export type Counts = Readonly<Record<string, number>>;

const SERVED = /^only2u_operation_seconds_count\{(?:.*,)?operation="([^"]+)".*\} (\d+)$/gm;

/**
 * What the shop's processes have done so far: operations and reactions served over the bus (by their metrics), flights and statements (by
 * bench/programs/count-traffic.ts, which the shop must have loaded) and Redis commands (by the servers themselves, scripts' inner ones included).
 */
export async function trafficOf(shop: Shop, folder: string): Promise<Counts> {
  const counts: Record<string, number> = {};
  const add = (name: string, count: number): void => {
    counts[name] = (counts[name] ?? 0) + count;
  };
  // Together they count in one place, and the gateway's probes tell of it.
  const counting = shop.topology === 'together' ? ['gateway'] : [...shop.stack.processes.keys()];
  for (const name of counting) {
    const text = await metricsOf(shop, name);
    for (const [, operation = '', count] of text.matchAll(SERVED)) {
      add('bus calls', Number(count));
      add(`call ${operation}`, Number(count));
    }
  }
  for (const [name, pid] of Object.entries(shop.pids)) {
    const file = join(folder, `${pid}.json`);
    if (!existsSync(file)) continue;
    const { statements, flights } = JSON.parse(readFileSync(file, 'utf8')) as { statements: number; flights: number };
    add('statements', statements);
    add(`statements of ${name}`, statements);
    add('database flights', flights);
    add(`flights of ${name}`, flights);
  }
  for (const url of new Set([shop.stack.redisUrls.bus, shop.stack.redisUrls.cart, shop.stack.redisUrls.cache])) {
    for (const [command, count] of await commandsOf(url)) {
      add('Redis commands', count);
      add(`redis ${command}`, count);
    }
  }
  return counts;
}

async function metricsOf(shop: Shop, name: string): Promise<string> {
  const url = shop.stack.probeUrl(name);
  if (url.endsWith('undefined')) return '';
  return (await fetch(`${url}/metrics`)).text();
}

/** Commands that this question itself sends are left out. */
async function commandsOf(url: string): Promise<[string, number][]> {
  const redis = new Redis(url);
  try {
    const text = await redis.info('commandstats');
    const all = [...text.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)].map(([, name = '', calls]): [string, number] => [name, Number(calls)]);
    return all.filter(([name]) => !['info', 'ping', 'hello', 'auth', 'client|setinfo', 'select'].includes(name));
  } finally {
    redis.disconnect();
  }
}

/** What was counted between two readings, less what the shop does by itself in that time, for each of `requests`. */
export function perRequest(before: Counts, after: Counts, background: Counts, seconds: number, requests: number): Counts {
  return Object.fromEntries(
    Object.keys(after).map((name) => {
      const counted = (after[name] ?? 0) - (before[name] ?? 0) - (background[name] ?? 0) * seconds;
      return [name, counted / requests];
    }),
  );
}
