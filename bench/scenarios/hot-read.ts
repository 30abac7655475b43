import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cost, costOf, httpLoad, median, medianBy, medianTotal } from '../load.ts';
import { startChild } from '../processes.ts';
import { profiled } from '../profiler.ts';
import type { Findings, Goal, Setting } from '../scenario.ts';
import { ms, times } from '../scenario.ts';
import type { Shop } from '../shop.ts';

/** A catalogue page that the gateway keeps, against a bare route that returns the same bytes. */
export async function hotRead(setting: Setting, shop: Shop): Promise<Findings> {
  const url = `${shop.url}/api/products?limit=20`;
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
  const folder = mkdtempSync(join(tmpdir(), 'only2u-bench-'));
  const file = join(folder, 'page.json');
  writeFileSync(file, bytes);
  const bare = await startChild('bare-page', [file]);
  try {
    const answer = Buffer.from(await (await fetch(`${bare.url}/page`)).arrayBuffer());
    if (!answer.equals(bytes)) throw new Error('the bare route does not return the same bytes');
    const bareUrl = `${bare.url}/page`;
    const seconds = setting.quick ? 2 : 3;
    const rounds = 3;
    // The others' idle work is no part of a read's cost.
    const involved = ['gateway', 'product', 'postgres', 'redis', 'redis-cache'];
    const pids = Object.fromEntries(Object.entries(shop.pids).filter(([name]) => involved.includes(name)));
    const rows: string[][] = [];
    const goals: Goal[] = [];
    for (const connections of [16, 64]) {
      const load = async (target: string): Promise<number> => (await httpLoad({ url: target, connections, seconds })).requests;
      for (const target of [url, bareUrl]) await load(target);
      const ours: Cost[] = [];
      const theirs: Cost[] = [];
      for (let round = 0; round < rounds; round += 1) {
        ours.push(await costOf(pids, () => load(url)));
        theirs.push(await costOf({ gateway: bare.pid }, () => load(bareUrl)));
      }
      const ratio = median(ours.map(({ total }, round) => total / (theirs[round]?.total ?? Number.NaN)));
      goals.push({
        what: `cached catalogue read ÷ bare Nest + Fastify route, ${connections} connections`,
        measured: ratio,
        limit: 1.5,
        unit: '×',
      });
      rows.push([
        String(connections),
        ms(medianTotal(ours)),
        ms(medianBy(ours).gateway ?? 0),
        ms(medianTotal(theirs)),
        times(ratio),
        times((medianBy(ours).gateway ?? 0) / medianTotal(theirs)),
      ]);
    }
    const profiles = setting.profile
      ? await profiled([shop.stack.process('gateway')], async () => void (await httpLoad({ url, connections: 64, seconds: 3 })))
      : undefined;
    return {
      tables: [
        {
          title: `A cached list page of ${bytes.length} bytes, CPU a request`,
          columns: ['connections', 'ours, all', 'gateway alone', 'bare route', 'ratio', 'gateway alone ÷ bare'],
          rows,
        },
      ],
      goals,
      notes: [
        'Ours counts gateway, product, Redis and Postgres: the one upstream read a second is in it, and what they do without being asked. Both send a Buffer with a JSON content type; ours adds ETag, Cache-Control, request id and security headers, and counts the rate limit (a lease of which lasts the whole run, for limits are scaled up).',
      ],
      ...(profiles === undefined ? {} : { profiles }),
    };
  } finally {
    await bare.stop();
    rmSync(folder, { recursive: true });
  }
}
