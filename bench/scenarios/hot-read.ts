import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { costOf, httpLoad, median, medianBy, medianTotal } from '../load.ts';
import { startChild } from '../processes.ts';
import { type Found, type Goal, ms, type Scenario, type Topology, times } from '../scenario.ts';

const CONNECTIONS: readonly number[] = [16, 64];
const LIMIT = 1.2;
/** The others' idle work is no part of a read's cost. */
const INVOLVED = ['all', 'gateway', 'product', 'postgres', 'redis', 'redis-cache'];
const GATEWAY = 'gateway';

const ours = (connections: number): string => `${connections} connections`;
const bare = (connections: number): string => `${connections} connections, bare route`;

/** A catalogue page that the gateway keeps, against a bare route that returns the same bytes. */
export const hotRead: Scenario = {
  name: 'hot-read',
  stages: async (shop, setting) => {
    const url = `${shop.url}/api/products?limit=20`;
    const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
    const folder = mkdtempSync(join(tmpdir(), 'only2u-bench-'));
    const file = join(folder, 'page.json');
    writeFileSync(file, bytes);
    const child = await startChild('bare-page', [file]);
    const close = async (): Promise<void> => {
      await child.stop();
      rmSync(folder, { recursive: true });
    };
    const answer = Buffer.from(await (await fetch(`${child.url}/page`)).arrayBuffer());
    if (!answer.equals(bytes)) {
      await close();
      throw new Error('the bare route does not return the same bytes');
    }
    const pids = Object.fromEntries(Object.entries(shop.pids).filter(([name]) => INVOLVED.includes(name)));
    const seconds = setting.quick ? 2 : 3;
    const load = async (target: string, connections: number): Promise<number> =>
      (await httpLoad({ url: target, connections, seconds })).requests;
    const sample: (name: string) => ReturnType<typeof costOf> = (name) => {
      const connections = Number.parseInt(name, 10);
      return name === ours(connections)
        ? costOf(pids, () => load(url, connections))
        : costOf({ [GATEWAY]: child.pid }, () => load(`${child.url}/page`, connections));
    };
    const cases = CONNECTIONS.map(ours);
    const foreign = CONNECTIONS.map(bare);
    return [
      {
        rounds: 3,
        cases,
        foreign,
        warmUp: async () => {
          for (const name of [...cases, ...foreign]) await sample(name);
        },
        sample,
        profile: { processes: [GATEWAY], work: () => load(url, 64) },
        close,
      },
    ];
  },
  report: (found) => ({
    tables: found.topologies.map((topology) => ({
      title: `A cached list page, ${topology}: CPU a request`,
      columns: ['connections', 'ours, all', 'its process alone', 'bare route', 'ratio', 'its process alone ÷ bare'],
      rows: CONNECTIONS.map((connections) => {
        const mine = found.of(topology, ours(connections));
        const theirs = found.of(topology, bare(connections));
        const by = medianBy(mine);
        const gateway = by[GATEWAY] ?? by.all ?? 0;
        return [
          String(connections),
          ms(medianTotal(mine)),
          ms(gateway),
          ms(medianTotal(theirs)),
          times(ratioOf(found, topology, connections)),
          times(gateway / medianTotal(theirs)),
        ];
      }),
    })),
    goals: found.topologies.flatMap((topology) =>
      CONNECTIONS.map(
        (connections): Goal => ({
          what: `cached catalogue read ÷ bare Nest + Fastify route, ${connections} connections, ${topology}`,
          measured: ratioOf(found, topology, connections),
          limit: LIMIT,
          unit: '×',
        }),
      ),
    ),
    notes: [
      'Ours counts gateway, product, Redis and Postgres: the one upstream read a second is in it, and what they do without being asked. Both send a Buffer with a JSON content type; ours adds ETag, Cache-Control, request id and security headers, and counts the rate limit (a lease of which lasts the whole run, for limits are scaled up).',
    ],
  }),
};

function ratioOf(found: Found, topology: Topology, connections: number): number {
  const theirs = found.of(topology, bare(connections));
  return median(found.of(topology, ours(connections)).map(({ total }, round) => total / (theirs[round]?.total ?? Number.NaN)));
}
