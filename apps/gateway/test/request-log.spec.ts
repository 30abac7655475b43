import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTheEnd } from '#libs/testing/builders';
import { rawAnswer } from './edge-http.ts';
import { GatewayFixture, type GatewayProcess, START_LIMIT_MS } from './gateway-fixture.ts';

let fixture: GatewayFixture;
let gateway: GatewayProcess;

beforeAll(async () => {
  fixture = await GatewayFixture.start();
  gateway = await fixture.gateway({ LOG_LEVEL: 'info', REQUEST_LOG_SAMPLE: '0', VERSION: '1.2.3', INSTANCE: 'gateway-of-a-test' });
}, START_LIMIT_MS);
afterAll(() => fixture.stop());

type Line = Record<string, unknown>;
const linesOf = (requestId: string): Line[] =>
  gateway.lines.map((line): Line => JSON.parse(line)).filter((line) => line.msg === 'http.request' && line.requestId === requestId);

/** Sends a request and waits for its line. */
async function logged(path: string, init: RequestInit = {}): Promise<Line> {
  const requestId = randomUUID();
  await fetch(`${gateway.url}${path}`, { ...init, headers: { ...init.headers, 'x-request-id': requestId } });
  return inTheEnd(() => {
    const [line] = linesOf(requestId);
    if (line === undefined) throw new Error(`no line of ${path}`);
    return line;
  });
}

const counted = async (series: string): Promise<number | undefined> => {
  const text = await (await fetch(`${gateway.probeUrl}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
};

describe('every request leaves one line', () => {
  it('with its operation, route, outcome, network, request id, instance and version', async () => {
    const token = fixture.token({ userId: '01890000-0000-7000-8000-000000000001' });
    const line = await logged('/api/orders/01890000-0000-7000-8000-000000000002/cancel?gclid=1', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(line).toMatchObject({
      operation: 'order.cancel',
      method: 'POST',
      route: '/api/orders/:id/cancel',
      status: 503,
      userId: '01890000-0000-7000-8000-000000000001',
      address: '127.0.0.0/24',
      instance: 'gateway-of-a-test',
      version: '1.2.3',
    });
    expect(line.ms).toBeGreaterThan(0);
    expect(line.bytes).toBeGreaterThan(0);
  });

  it.each([
    ['a missing token', '/api/auth/me', {}, 401, 'auth.me'],
    ['a bad token', '/api/auth/me', { headers: { authorization: 'Bearer a.b.c' } }, 401, 'auth.me'],
    ['an unknown path', '/api/nothing/of/this', {}, 404, 'none'],
    ['a method that the path lacks', '/api/auth/me', { method: 'PUT' }, 405, 'none'],
    ['a body that is too large', '/api/auth/login', { method: 'POST', body: 'x'.repeat(2_000_000) }, 413, 'auth.login'],
    [
      'a body of another type',
      '/api/auth/login',
      { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'auth.login',
    ],
    ['a path that cannot be read', '/api/%zz', {}, 400, 'none'],
  ] as const)('also %s, which is counted too', async (_what, path, init, status, operation) => {
    const series = `only2u_http_seconds_count{operation="${operation}",status="${status}"}`;
    const before = (await counted(series)) ?? 0;
    expect(await logged(path, init)).toMatchObject({ status, operation });
    expect(await counted(series)).toBe(before + 1);
  });

  it('also bytes that are no HTTP, which are counted too', async () => {
    const series = 'only2u_http_seconds_count{operation="none",status="400"}';
    const before = (await counted(series)) ?? 0;
    expect((await rawAnswer(gateway.url, 'NONSENSE\r\n\r\n')).status).toBe(400);
    await inTheEnd(async () => expect(await counted(series)).toBe(before + 1));
  });

  it('but probes and metrics, and no quick read outside the sample', async () => {
    for (const path of ['/health/live', '/metrics']) await fetch(`${gateway.url}${path}`, { headers: { 'x-request-id': 'of-a-probe' } });
    await fetch(`${gateway.url}/api/docs-json`, { headers: { 'x-request-id': 'of-a-read' } });
    await logged('/api/nothing');
    expect([...linesOf('of-a-probe'), ...linesOf('of-a-read')]).toEqual([]);
  });
});

it('no line holds a token, a search, an e-mail address, a phone number or a whole address', async () => {
  const token = fixture.token();
  await logged('/api/products/search?q=maternity+wear', { method: 'POST' });
  await logged('/api/cart/guest/Zm9vYmFyYmF6Zm9vYmFyYmF6/items', { method: 'POST' });
  await logged('/api/auth/login', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"email":"asha@example.com","password":"correct horse battery","phone":"+919876543210"}',
  });
  const all = gateway.lines.join('\n');
  for (const secret of [token, 'maternity', 'Zm9vYmFyYmF6', 'asha@example', 'battery', '9876543210', '127.0.0.1'])
    expect(all).not.toContain(secret);
});

it('what refuses requests has counters from the start', async () => {
  const text = await (await fetch(`${gateway.probeUrl}/metrics`)).text();
  for (const series of [
    ...['reads', 'calls', 'sign-in', 'codes'].map((rule) => `only2u_http_rate_limited_total{rule="${rule}"}`),
    ...['breaker', 'full'].map((reason) => `only2u_http_shed_total{service="payment",reason="${reason}"}`),
    'only2u_breaker_open{service="auth",lane="browse"} 0',
    'only2u_http_seconds_count{operation="none",status="413"}',
    'only2u_ready{service="gateway"} 1',
  ])
    expect(text).toContain(series);
});
