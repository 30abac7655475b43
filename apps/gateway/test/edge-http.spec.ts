import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inTheEnd } from '#libs/testing/builders';
import { rawAnswer } from './edge-http.ts';
import { GatewayFixture, type GatewayProcess, START_LIMIT_MS } from './gateway-fixture.ts';

/** The gateway's door as clients of any make meet it; behind it only auth's keys are there. */
const SHOP = 'https://shop.example';

let fixture: GatewayFixture;
let gateway: GatewayProcess;
let collector: Server;
const traces: string[] = [];

beforeAll(async () => {
  fixture = await GatewayFixture.start();
  collector = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += String(chunk);
    });
    request.on('end', () => {
      traces.push(text);
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => collector.once('listening', resolve));
  gateway = await fixture.gateway({
    CORS_ORIGINS: SHOP,
    RATE_LIMIT_CALLS: '200',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
  });
}, START_LIMIT_MS);
afterAll(async () => {
  collector.close();
  await fixture.stop();
});

const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${gateway.url}${path}`, init);
const wordsOf = (header: string | null): string[] => (header ?? '').toLowerCase().split(/, */).sort();

describe('a page of an allowed origin', () => {
  it('may send and read the headers that the API has, and its cookies', async () => {
    const preflight = await get('/api/orders', {
      method: 'OPTIONS',
      headers: { origin: SHOP, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-device-id' },
    });
    expect(wordsOf(preflight.headers.get('access-control-allow-headers'))).toEqual(
      [
        ...['authorization', 'content-type', 'idempotency-key', 'if-match', 'if-none-match', 'range', 'if-range'],
        ...['x-device-id', 'x-app-version', 'x-token-transport', 'x-request-id'],
      ].sort(),
    );
    const answer = await get('/api/status', { headers: { origin: SHOP } });
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(wordsOf(answer.headers.get('access-control-expose-headers'))).toEqual(
      ['accept-ranges', 'content-range', 'etag', 'idempotency-replayed', 'retry-after', 'sunset', 'x-request-id'].sort(),
    );
    expect(
      (await get('/api/status', { headers: { origin: 'https://other.example' } })).headers.get('access-control-allow-origin'),
    ).toBeNull();
  });
});

describe('a query', () => {
  it.each([
    ...[
      'utm_source',
      'utm_x',
      'gclid',
      'gclsrc',
      'gbraid',
      'wbraid',
      'gad_source',
      'gad_campaignid',
      'dclid',
      'srsltid',
      'fbclid',
      'msclkid',
    ],
    ...[
      'ttclid',
      'twclid',
      'li_fat_id',
      'igshid',
      'igsh',
      'mc_cid',
      'mc_eid',
      '_gl',
      '_ga',
      '_ga_ABC-1',
      'yclid',
      'epik',
      'sccid',
      'rdt_cid',
    ],
    ...['irclickid', 'ref_src', 'hsa_acc', '_branch_match_id', 'vero_id', '_hsenc', '_hsmi', 'mkt_tok'],
  ])('may carry the advertisers’ key %s, also twice', async (key) => {
    expect((await get(`/api/status?${key}=a&${key}=b`)).status).toBe(200);
  });

  it.each(['utm', 'gad', 'xgclid', 'gclid2', 'hsa', 'mc', 'q', 'UTM_SOURCE'])('may not carry %s, which is none', async (key) => {
    expect((await get(`/api/status?${key}=a`)).status).toBe(400);
  });
});

describe('a method', () => {
  it.each(['TRACE', 'QUERY', 'PROPFIND', 'OPTIONS', 'POST', 'M-SEARCH'])(
    '%s that a path lacks is refused with those it has',
    async (method) => {
      for (const body of ['', '{}']) {
        const bytes = `${method} /api/status HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
        const { status, text } = await rawAnswer(gateway.url, bytes);
        expect([status, /^allow: (.*)\r$/im.exec(text)?.[1]]).toEqual([405, 'GET, HEAD']);
      }
    },
  );

  it.each([
    ['OPTIONS * HTTP/1.1\r\nHost: x', 404],
    ['GET /api/status HTTP/1.1', 400],
    ['CONNECT x:1 HTTP/1.1\r\nHost: x', 400],
    ['NONSENSE', 400],
  ])('of no operation gets a problem with the headers of every answer: %s', async (bytes, expected) => {
    const { status, text } = await rawAnswer(gateway.url, `${bytes}\r\nConnection: close\r\n\r\n`);
    expect(status).toBe(expected);
    for (const header of ['x-request-id', 'x-content-type-options', 'strict-transport-security', 'content-security-policy'])
      expect(text.toLowerCase()).toContain(`${header}: `);
    expect(text).toContain('application/problem+json');
  });
});

it('a client’s trace id is not believed: every request begins a trace of its own', async () => {
  const foreign = '0af7651916cd43dd8448eb211c80319c';
  const id = randomUUID();
  await get(`/api/status`, { headers: { traceparent: `00-${foreign}-b7ad6b7169203331-01`, 'x-request-id': id } });
  await inTheEnd(() => expect(traces.join()).toContain('gateway.status'), 25_000);
  expect(traces.join()).not.toContain(foreign);
});

it('what is asked of a service without a living replica is 503, and waits nowhere afterwards', async () => {
  const redis = new Redis(fixture.redis.url);
  const answer = await get(`/api/cart/guest/${'g'.repeat(43)}`);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await redis.keys('*{cart}*browse*')).toEqual([]);
  redis.disconnect();
});

it('a parameter of a path is as long as its operation says, not as long as the router likes', async () => {
  const answer = await get(`/api/collections/shared/${'t'.repeat(10_000)}`);
  expect(answer.status).toBe(503);
});

it('calls with bad tokens are limited by address, and good ones from there go on', async () => {
  const ask = async (token: string): Promise<number> =>
    (await get('/api/auth/me', { headers: { authorization: `Bearer ${token}` } })).status;
  await vi.waitFor(async () => expect(await ask('a.b.c')).toBe(429), { timeout: 25_000, interval: 1 });
  expect(await ask(fixture.token())).not.toBe(429);
});

describe('an answer of 1 KiB and more', () => {
  const product = (index: number) => ({ id: String(index), name: 'Handloom cotton kurta', description: 'Soft, breathable, washable' });
  const list = JSON.stringify({ items: Array.from({ length: 60 }, (_, index) => product(index)) });

  /** fetch would decode it. */
  const raw = (headers: Record<string, string>, path = '/api/products?limit=60') =>
    new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
      const asked = request(`${gateway.url}${path}`, { headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
      });
      asked.once('error', reject).end();
    });

  beforeAll(async () => {
    await fixture.service('product', { 'product.list': () => JSON.parse(list) });
    await inTheEnd(async () => expect((await raw({})).status).toBe(200), 25_000);
  });

  it('is sent as br, as gzip or as it is, as the client says, with a tag for each', async () => {
    const [plain, br, gzip] = await Promise.all([raw({}), raw({ 'accept-encoding': 'gzip, br' }), raw({ 'accept-encoding': 'gzip' })]);
    expect([plain, br, gzip].map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'br', 'gzip']);
    expect([plain.body, brotliDecompressSync(br.body), gunzipSync(gzip.body)].map(String)).toEqual([list, list, list]);
    expect(br.body.length).toBeLessThan(list.length / 5);
    expect(new Set([plain, br, gzip].map(({ headers }) => headers.etag)).size).toBe(3);
    for (const { headers } of [plain, br, gzip]) expect(wordsOf(String(headers.vary))).toContain('accept-encoding');
  });

  it('is 304 for a client that has it, in whatever encoding, and has the headers of the answer', async () => {
    const { headers } = await raw({ 'accept-encoding': 'br' });
    for (const tag of [headers.etag, `W/${headers.etag}`, `"other", ${headers.etag}`]) {
      const again = await raw({ 'accept-encoding': 'br', 'if-none-match': String(tag) });
      expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, headers.etag]);
      expect(again.headers['content-encoding']).toBeUndefined();
    }
    expect((await raw({ 'accept-encoding': 'br', 'if-none-match': '"other.br"' })).status).toBe(200);
  });

  it('has its length at HEAD, and no body', async () => {
    const head = await fetch(`${gateway.url}/api/products?limit=60`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});
