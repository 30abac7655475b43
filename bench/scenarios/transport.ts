import { createPublicKey } from 'node:crypto';
import { type Cost, costOf, type HttpLoad, httpLoad, median, medianBy, medianTotal, type Pids } from '../load.ts';
import { type Child, startChild } from '../processes.ts';
import { PROFILABLE, profiled } from '../profiler.ts';
import { type Findings, type Goal, ms, type Setting, type Table, times } from '../scenario.ts';
import { Shop } from '../shop.ts';

const CONNECTIONS = 32;
const BODY_BYTES = 4_096;
const PRODUCT = {
  name: 'Chanderi kurta with hand-block print',
  brand: 'Aaranya',
  categoryId: '019a0000-0000-7000-8000-000000000001',
  hsn: '6211',
  countryOfOrigin: 'India',
};

/** Both 4 KB: a few fields with one long text, and a full-grown product with ten nested objects to validate. */
const bodies: Readonly<Record<string, string>> = {
  'one long text': filled({ ...PRODUCT, variants: [variant('M')] }),
  'ten nested objects': filled({
    ...PRODUCT,
    images: Array.from({ length: 4 }, (_, index) => ({
      url: `/media/catalogue/bench-kurta-${index}.svg`,
      alt: `The kurta, view ${index}`,
    })),
    attributes: { fabric: 'Chanderi', pattern: 'Block print', fit: 'Regular', sleeve: 'Three-quarter', neck: 'Mandarin' },
    variants: ['XS', 'S', 'M', 'L', 'XL', 'XXL'].map(variant),
  }),
};

interface Side {
  readonly name: string;
  readonly url: string;
  readonly pids: Pids;
}

/** Our whole path against the same handler and bodies over Nest's stock Redis transport, with and without checks of its own. */
export async function transport(setting: Setting): Promise<Findings> {
  const shop = await Shop.open(setting, { only: ['gateway', 'auth'] });
  const children: Child[] = [];
  try {
    const start = async (...args: Parameters<typeof startChild>): Promise<Child> => {
      const child = await startChild(...args);
      children.push(child);
      return child;
    };
    const service = await start('bus-service', [], {
      ...(setting.profile ? PROFILABLE : {}),
      BUS_SECRET: shop.stack.secrets.BUS_SECRET,
      REDIS_URL: shop.stack.redisUrls.bus,
      LOG_LEVEL: 'warn',
      APP: 'product',
    });
    const stores = Object.fromEntries(Object.entries(shop.pids).filter(([name]) => name !== 'gateway'));
    const ours: Side = {
      name: 'ours: identity and validation',
      url: shop.url,
      pids: { gateway: shop.pids.gateway ?? 0, service: service.pid, ...stores },
    };
    const { port } = new URL(shop.stack.redisUrls.bus);
    const stock = async (name: string, redisPort: string, key?: string): Promise<Side> => {
      const itsService = await start('stock-service', [redisPort, ...(key === undefined ? [] : ['checked'])]);
      const itsGateway = await start('stock-gateway', [redisPort, ...(key === undefined ? [] : [key])]);
      return { name, url: itsGateway.url, pids: { gateway: itsGateway.pid, service: itsService.pid, ...stores } };
    };
    const key = createPublicKey(shop.stack.secrets.JWT_PRIVATE_KEY).export({ type: 'spki', format: 'pem' }).toString();
    const bare = await stock("Nest's Redis transport, bare", port);
    const checked = await stock("Nest's, token and input checked", port, key);
    const load = (url: string, body: string, seconds: number): HttpLoad => ({
      url: `${url}/api/products`,
      method: 'POST',
      connections: CONNECTIONS,
      seconds,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${shop.admin.token}` },
      body,
    });
    const measured = async (sides: readonly Side[], body: string): Promise<Cost[][]> => {
      const seconds = setting.quick ? 1 : 2;
      for (const { url } of sides) await httpLoad(load(url, body, seconds));
      const costs: Cost[][] = sides.map(() => []);
      for (let round = 0; round < 3; round += 1) {
        for (const [index, { url, pids }] of sides.entries())
          costs[index]?.push(await costOf(pids, async () => (await httpLoad(load(url, body, seconds))).requests));
      }
      return costs;
    };
    await requireChecks(ours.url, shop.admin.token, true);
    await requireChecks(bare.url, shop.admin.token, false);
    await requireChecks(checked.url, shop.admin.token, true);
    const found = new Map<string, Cost[][]>();
    for (const [name, body] of Object.entries(bodies)) found.set(name, await measured([ours, bare, checked], body));
    const profiles = setting.profile
      ? await profiled([shop.stack.process('gateway'), service], async () => {
          await httpLoad(load(shop.url, bodies['one long text'] ?? '', 3));
        })
      : undefined;
    return {
      tables: [...found].map(([name, costs]) => tableOf(name, [ours.name, bare.name, checked.name], costs)),
      goals: [...found].map(([name, costs]) => goalOf(name, costs)),
      notes: NOTES,
      ...(profiles === undefined ? {} : { profiles }),
    };
  } finally {
    for (const child of children) await child.stop();
    await shop.close();
  }
}

/** @throws Error when a side checks what it should not, or the other way round: the comparison would then mean something else. */
async function requireChecks(url: string, token: string, wanted: boolean): Promise<void> {
  const refused = async (body: string, authorization: string): Promise<boolean> => {
    const headers = { 'content-type': 'application/json', authorization };
    return !(await fetch(`${url}/api/products`, { method: 'POST', headers, body })).ok;
  };
  const good = bodies['ten nested objects'] ?? '';
  const bad = good.replace('"size":"XXL"', '"size":7');
  const found = [
    await refused(good, `Bearer ${token}`),
    await refused(good, 'Bearer no.such.token'),
    await refused(bad, `Bearer ${token}`),
  ];
  if (found.join() !== [false, wanted, wanted].join()) throw new Error(`${url} refuses (good, forged token, bad input): ${found.join()}`);
}

const NOTES = [
  'Ours: the real gateway (POST /api/products: request id, security headers, token, role, rate limit, metrics, breaker, sealed message), Redis, and a stand-in for the product service that opens the message, checks the token again, validates the input and writes the answer by its contract. Its handler echoes and there is no database. A token is verified once and then remembered, as in production. Redis’ cache, Postgres and auth are counted on all sides and do next to nothing.',
  'Nest’s, bare, which the goal is about: a Nest + Fastify route, ClientProxy over Transport.REDIS on the same Redis server, and a microservice with the same handler; nobody’s identity is checked and nothing is validated. Nest’s, checked, for comparison: a guard verifies the token at every request and a pipe validates by the same rules as ours.',
];

function goalOf(name: string, [ours = [], bare = []]: Cost[][]): Goal {
  const ratios = ours.map(({ total }, round) => total / (bare[round]?.total ?? Number.NaN));
  return { what: `whole path ÷ Nest’s Redis transport, bare; ${name}`, measured: median(ratios), limit: 0.6, unit: '×' };
}

function tableOf(name: string, sides: readonly string[], costs: Cost[][]): Table {
  const reference = medianTotal(costs[0] ?? []);
  return {
    title: `4 KB through gateway, bus and service and back, ${name}: CPU a request, ${CONNECTIONS} connections`,
    columns: ['', 'all', 'gateway', 'service', 'Redis', 'requests/s', 'ours ÷ it'],
    rows: sides.map((side, index) => {
      const all = costs[index] ?? [];
      const by = medianBy(all);
      const perSecond = median(all.map(({ requests, seconds }) => requests / seconds));
      const parts = ['gateway', 'service', 'redis'].map((part) => ms(by[part] ?? 0));
      return [side, ms(medianTotal(all)), ...parts, perSecond.toFixed(0), times(reference / medianTotal(all))];
    }),
  };
}

function variant(size: string): object {
  return { size, color: 'Indigo', price: 129_900, mrp: 179_900 };
}

/** The product with a description that fills the body. */
function filled(product: object): string {
  const room = BODY_BYTES - JSON.stringify({ ...product, description: '' }).length;
  return JSON.stringify({ ...product, description: 'Woven on a handloom and printed with blocks of teak. '.repeat(100).slice(0, room) });
}
