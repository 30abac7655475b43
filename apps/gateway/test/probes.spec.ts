import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawAnswer } from './edge-http.ts';
import { GatewayFixture, type GatewayProcess, START_LIMIT_MS } from './gateway-fixture.ts';

let fixture: GatewayFixture;
let production: GatewayProcess;
let development: GatewayProcess;

beforeAll(async () => {
  fixture = await GatewayFixture.start();
  [production, development] = await Promise.all([
    fixture.gateway({ NODE_ENV: 'production', PUBLIC_URL: 'https://only2u.example' }),
    fixture.gateway(),
  ]);
}, START_LIMIT_MS);
afterAll(() => fixture.stop());

/** The status of a request whose target is sent exactly as it stands here. */
const statusOf = async (url: string, method: string, target: string): Promise<number> =>
  (await rawAnswer(url, `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).status;

const spellings = [
  ...['/metrics', '/metrics?x', '/metrics?', '/%6detrics', '/metric%73', '/metrics/', '/METRICS', '//metrics', '/x/../metrics'],
  ...[
    '/health/live',
    '/health/live?x=1',
    '/%68ealth/live',
    '/health/ready',
    '/health%2Flive',
    '/health/./live',
    '/metrics;x',
    '/metrics#x',
  ],
  ...['http://localhost/metrics', 'http://localhost/health/live?x'],
];

describe('in production', () => {
  it.each(spellings)('the public port has nothing at %s', async (target) => {
    for (const method of ['GET', 'HEAD', 'POST']) expect([404, 400]).toContain(await statusOf(production.url, method, target));
    expect(await statusOf(production.url, 'GET', target)).not.toBe(200);
  });

  it('probes and metrics are on the listener of their own, and nothing else is', async () => {
    for (const path of ['/health/live', '/health/ready', '/metrics', '/metrics?x=1'])
      for (const method of ['GET', 'HEAD']) expect((await fetch(`${production.probeUrl}${path}`, { method })).status).toBe(200);
    expect(await (await fetch(`${production.probeUrl}/metrics`)).text()).toContain('only2u_ready{service="gateway"} 1');
    expect((await fetch(`${production.probeUrl}/metrics`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${production.probeUrl}/api/status`)).status).toBe(404);
  });
});

describe('in development', () => {
  it('the public port answers probes and metrics too', async () => {
    for (const url of [development.url, development.probeUrl])
      for (const path of ['/health/live', '/health/ready', '/metrics']) expect((await fetch(`${url}${path}`)).status).toBe(200);
  });
});
