import { createPublicKey } from 'node:crypto';
import { type Cost, costOf, type HttpLoad, httpLoad, median, medianBy, medianRate, medianTotal, type Pids } from '../load.ts';
import { type Child, startChild } from '../processes.ts';
import { PROFILABLE } from '../profiler.ts';
import { type Goal, ms, type Scenario, type Setting, type Stage, type Table, times } from '../scenario.ts';
import type { Shop } from '../shop.ts';

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
  'one long text': filled({ ...PRODUCT, images: [], variants: [variant('M')] }),
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

const OURS = 'ours: identity and validation';
const BARE = "Nest's Redis transport, bare";
const CHECKED = "Nest's, token and input checked";
const SIDES = [OURS, BARE, CHECKED];
const caseOf = (body: string, side: string): string => `${body}; ${side}`;

/** Our whole path against the same handler and bodies over Nest's stock Redis transport, with and without checks of its own. */
export const transport: Scenario = {
  name: 'transport',
  shop: { only: ['gateway', 'auth'] },
  // The stand-in for a service is a process of its own.
  topologies: ['separate'],
  stages: async (shop, setting) => {
    const children: Child[] = [];
    const close = async (): Promise<void> => {
      for (const child of children) await child.stop();
    };
    try {
      const sides = await sidesOf(shop, setting, children);
      const load = (url: string, body: string, seconds: number): HttpLoad => ({
        url: `${url}/api/products`,
        method: 'POST',
        connections: CONNECTIONS,
        seconds,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${shop.admin.token}` },
        body,
      });
      for (const { name, url } of sides) await requireChecks(url, shop.admin.token, name !== BARE);
      const seconds = setting.quick ? 1 : 2;
      const sample = (name: string): Promise<Cost> => {
        const side = sides.find((one) => name.endsWith(one.name));
        const body = Object.keys(bodies).find((one) => name.startsWith(one)) ?? '';
        return costOf(side?.pids ?? {}, async () => (await httpLoad(load(side?.url ?? '', bodies[body] ?? '', seconds))).requests);
      };
      const casesOf = (of: readonly string[]): string[] => Object.keys(bodies).flatMap((body) => of.map((side) => caseOf(body, side)));
      const stage: Stage = {
        rounds: 3,
        cases: casesOf([OURS]),
        foreign: casesOf([BARE, CHECKED]),
        warmUp: async () => {
          for (const name of casesOf(SIDES)) await sample(name);
        },
        sample,
        profile: { processes: ['gateway'], work: () => httpLoad(load(shop.url, bodies['one long text'] ?? '', 3)) },
        close,
      };
      return [stage];
    } catch (error) {
      await close();
      throw error;
    }
  },
  report: (found) => {
    const [topology = 'separate'] = found.topologies;
    const costsOf = (body: string): (readonly Cost[])[] => SIDES.map((side) => found.of(topology, caseOf(body, side)));
    const names = Object.keys(bodies);
    return {
      tables: names.map((name) => tableOf(name, SIDES, costsOf(name))),
      goals: names.map((name) => goalOf(name, costsOf(name))),
      notes: NOTES,
    };
  },
};

async function sidesOf(shop: Shop, setting: Setting, children: Child[]): Promise<Side[]> {
  const start = async (name: string, args: readonly string[], env?: Record<string, string>, root?: string): Promise<Child> => {
    const child = await startChild(name, args, env, root);
    children.push(child);
    return child;
  };
  const env = {
    ...(setting.profile ? PROFILABLE : {}),
    BUS_SECRET: shop.stack.secrets.BUS_SECRET,
    REDIS_URL: shop.stack.redisUrls.bus,
    LOG_LEVEL: 'warn',
    APP: 'product',
  };
  const service = await start('bus-service', [], env, shop.code.root);
  const stores = Object.fromEntries(Object.entries(shop.pids).filter(([name]) => name !== 'gateway'));
  const { port } = new URL(shop.stack.redisUrls.bus);
  const stock = async (name: string, key?: string): Promise<Side> => {
    const itsService = await start('stock-service', [port, ...(key === undefined ? [] : ['checked'])]);
    const itsGateway = await start('stock-gateway', [port, ...(key === undefined ? [] : [key])]);
    return { name, url: itsGateway.url, pids: { gateway: itsGateway.pid, service: itsService.pid, ...stores } };
  };
  const key = createPublicKey(shop.stack.secrets.JWT_PRIVATE_KEY).export({ type: 'spki', format: 'pem' }).toString();
  return [
    { name: OURS, url: shop.url, pids: { gateway: shop.pids.gateway ?? 0, service: service.pid, ...stores } },
    await stock(BARE),
    await stock(CHECKED, key),
  ];
}

/** @throws Error when a side checks what it should not, or the other way round: the comparison would then mean something else. */
async function requireChecks(url: string, token: string, wanted: boolean): Promise<void> {
  const refused = async (body: string, authorization: string): Promise<boolean> => {
    const headers = { 'content-type': 'application/json', authorization };
    return !(await fetch(`${url}/api/products`, { method: 'POST', headers, body })).ok;
  };
  for (const body of Object.values(bodies)) if (await refused(body, `Bearer ${token}`)) throw new Error(`${url} refuses what is right`);
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

function goalOf(name: string, [ours = [], bare = []]: readonly (readonly Cost[])[]): Goal {
  const ratios = ours.map(({ total }, round) => total / (bare[round]?.total ?? Number.NaN));
  return { what: `whole path ÷ Nest’s Redis transport, bare; ${name}`, measured: median(ratios), limit: 0.7, unit: '×' };
}

function tableOf(name: string, sides: readonly string[], costs: readonly (readonly Cost[])[]): Table {
  const reference = medianTotal(costs[0] ?? []);
  return {
    title: `4 KB through gateway, bus and service and back, ${name}: CPU a request, ${CONNECTIONS} connections`,
    columns: ['', 'all', 'gateway', 'service', 'Redis', 'requests/s', 'ours ÷ it'],
    rows: sides.map((side, index) => {
      const all = costs[index] ?? [];
      const by = medianBy(all);
      const parts = ['gateway', 'service', 'redis'].map((part) => ms(by[part] ?? 0));
      return [side, ms(medianTotal(all)), ...parts, medianRate(all).toFixed(0), times(reference / medianTotal(all))];
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
