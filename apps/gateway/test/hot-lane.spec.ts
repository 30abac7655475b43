import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { rawAnswer } from './edge-http.ts';
import { GatewayFixture, type GatewayProcess, START_LIMIT_MS } from './gateway-fixture.ts';

/** A kept answer leaves by the short way as by the long one, byte for byte. */

const SHOP = 'https://shop.example';
const list = { items: Array.from({ length: 60 }, (_, index) => ({ id: String(index), name: 'Handloom cotton kurta' })) };
const READS = 60;

let fixture: GatewayFixture;
const gateways = new Map<string, GatewayProcess>();
let asked = 0;

beforeAll(async () => {
  fixture = await GatewayFixture.start();
  await fixture.service('product', { 'product.list': () => list });
  const usual = { RATE_LIMIT_READS: '100000', LOG_LEVEL: 'info', REQUEST_LOG_SAMPLE: '1' };
  gateways.set('plain', await fixture.gateway(usual));
  gateways.set('with CORS and a proxy', await fixture.gateway({ ...usual, CORS_ORIGINS: SHOP, TRUST_PROXY: '127.0.0.1' }));
  gateways.set('limited', await fixture.gateway({ ...usual, RATE_LIMIT_READS: String(READS), TRUST_PROXY: '127.0.0.1' }));
}, START_LIMIT_MS);
afterAll(() => fixture.stop());

const gatewayOf = (name: string): GatewayProcess => gateways.get(name) as GatewayProcess;

/** As it came, but for what differs between any two answers. */
const normal = (text: string): string =>
  text.replace(/\r\ndate: [^\r]+/i, '\r\ndate: *').replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'a new id');

async function send(
  gateway: GatewayProcess,
  path: string,
  { method = 'GET', version = '1.1', headers = [] as string[], host = true } = {},
) {
  const lines = [`${method} ${path} HTTP/${version}`, ...(host ? ['Host: x'] : []), 'Connection: close', ...headers];
  return normal((await rawAnswer(gateway.url, `${lines.join('\r\n')}\r\n\r\n`)).text);
}

const served = async (gateway: GatewayProcess): Promise<number> =>
  Number(/^only2u_http_hot_reads_total (\d+)$/m.exec(await (await fetch(`${gateway.probeUrl}/metrics`)).text())?.[1]);

/** The same read under a URL that was never sent: its answer is kept, its way is the long one. */
const unheard = (): string => {
  asked += 1;
  return `/api/products?limit=60&utm_x=${asked}`;
};

describe.each(['plain', 'with CORS and a proxy'])('a gateway %s', (name) => {
  const KNOWN = '/api/products?limit=60';
  const gateway = (): GatewayProcess => gatewayOf(name);
  let tag = '';

  beforeEach(async () => {
    // Kept and made in each encoding, within this second.
    for (const encoding of ['br', 'gzip', 'identity']) {
      const answer = await send(gateway(), KNOWN, { headers: [`Accept-Encoding: ${encoding}`] });
      tag = /\r\netag: ("[^"]+")/.exec(answer)?.[1] ?? '';
    }
  });

  const usual: readonly (readonly [string, () => string[]])[] = [
    ['nothing else', () => []],
    ['br', () => ['Accept-Encoding: gzip, deflate, br']],
    ['gzip', () => ['Accept-Encoding: gzip']],
    ['no encoding', () => ['Accept-Encoding: br;q=0, gzip;q=0, identity']],
    ['an unreadable encoding', () => ['Accept-Encoding: ;;q=,,']],
    ['the tag it has', () => [`If-None-Match: ${tag}`]],
    ['the tag of another encoding', () => [`If-None-Match: W/${tag.replace(/"$/, '.br"')}`, 'Accept-Encoding: br']],
    ['any tag', () => ['If-None-Match: *']],
    ['an old tag', () => ['If-None-Match: "old"', 'Accept-Encoding: br']],
    ['its own id', () => ['X-Request-Id: my-request-1']],
    ['an id that is none', () => ['X-Request-Id: <>']],
    ['a token that nobody asked for', () => ['Authorization: Bearer a.b.c']],
    ['an idempotency key', () => ['Idempotency-Key: k']],
    ['a forwarded address', () => ['X-Forwarded-For: 203.0.113.9']],
    ['a cookie, a range and a language', () => ['Cookie: a=b', 'Range: bytes=0-1', 'Accept-Language: hi']],
  ];
  it.each(usual)('answers a read with %s alike on both ways', async (_, headers) => {
    // An address that was not heard of leases its share of the limit on the long way.
    await send(gateway(), unheard(), { headers: headers() });
    const before = await served(gateway());
    const short = await send(gateway(), KNOWN, { headers: headers() });
    const long = await send(gateway(), unheard(), { headers: headers() });
    expect(short).toBe(long);
    expect(short).toMatch(/^HTTP\/1\.1 (200|304) /);
    expect(await served(gateway())).toBe(before + 1);
  });

  it('logs the one as the other', async () => {
    const before = gateway().lines.length;
    await send(gateway(), KNOWN, { headers: ['X-Request-Id: on-the-short-way', 'X-Forwarded-For: 203.0.113.9'] });
    await send(gateway(), unheard(), { headers: ['X-Request-Id: on-the-long-way', 'X-Forwarded-For: 203.0.113.9'] });
    const lines = await eventually(() => {
      const found = gateway()
        .lines.slice(before)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ requestId }) => String(requestId).startsWith('on-the-'));
      return found.length === 2 && found;
    });
    const [short, long] = lines.map(({ time: _, ms, requestId: __, ...line }) => ({ ...line, ms: typeof ms }));
    expect(short).toEqual(long);
    expect(short).toMatchObject({ operation: 'product.list', method: 'GET', route: '/api/products', status: 200 });
  });

  const unusual: readonly (readonly [string, Parameters<typeof send>[2]])[] = [
    ['HEAD', { method: 'HEAD' }],
    ['POST', { method: 'POST', headers: ['Content-Length: 0'] }],
    ['a page of the shop', { headers: [`Origin: ${SHOP}`] }],
    ['a page of others', { headers: ['Origin: https://other.example'] }],
    ['HTTP/1.0', { version: '1.0' }],
    ['no host', { host: false }],
    ['an empty body', { headers: ['Content-Length: 0'] }],
    ['a compressed body', { headers: ['Content-Encoding: gzip'] }],
    ['an expectation', { headers: ['Expect: 100-continue'] }],
    ['an offer to upgrade', { headers: ['Upgrade: h2c'] }],
  ];
  it.each(unusual)('lets %s go the long way', async (_, request) => {
    const before = await served(gateway());
    expect(await send(gateway(), KNOWN, request)).toBe(await send(gateway(), unheard(), request));
    expect(await served(gateway())).toBe(before);
  });
});

it('the short way counts against the same limit', async () => {
  const gateway = gatewayOf('limited');
  const headers = ['X-Forwarded-For: 203.0.113.77'];
  const minute = Math.floor(Date.now() / 60_000);
  const statuses: string[] = [];
  for (let times = 0; times < READS + 10; times += 1)
    statuses.push((await send(gateway, times % 3 === 0 ? unheard() : '/api/products?limit=60', { headers })).slice(9, 12));
  const good = statuses.filter((status) => status === '200').length;
  // A minute that turns meanwhile begins a new window.
  if (Math.floor(Date.now() / 60_000) === minute) expect(good).toBe(READS);
  else expect(good).toBeGreaterThanOrEqual(READS);
  expect(await served(gateway)).toBeGreaterThan(10);
});

it('a change of the catalogue is seen on the short way too', async () => {
  const gateway = gatewayOf('plain');
  const read = () => send(gateway, '/api/products?limit=60');
  const before = await read();
  list.items[0] = { id: '0', name: 'Changed' };
  await eventually(async () => {
    const now = await read();
    return now !== before && now.includes('Changed');
  }, 5_000);
});
