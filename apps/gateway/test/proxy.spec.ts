import { once } from 'node:events';
import { request } from 'node:http';
import { Agent } from 'node:https';
import { connect } from 'node:tls';
import { io, type Socket } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { COMMON_ERRORS, type CommonCode, STATUS_BY_KIND } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import { inTheEnd } from '#libs/testing/builders';
import { FrontProxy, hasNginx } from '#libs/testing/front-proxy';
import { GatewayFixture, type GatewayProcess, START_LIMIT_MS } from './gateway-fixture.ts';
import { ended, outcomeOf } from './socket-clients.ts';

/** Gateways behind a real nginx with the configuration of `docker/nginx.conf`. */

const CALLS = 40;

let fixture: GatewayFixture;
const proxies: FrontProxy[] = [];

beforeAll(async () => {
  fixture = await GatewayFixture.start();
});
afterAll(async () => {
  for (const proxy of proxies) await proxy.stop();
  await fixture.stop();
});

async function proxyBefore(...gateways: GatewayProcess[]): Promise<FrontProxy> {
  const proxy = await FrontProxy.start(gateways.map(({ url }) => url));
  proxies.push(proxy);
  return proxy;
}

const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://only2u.example', RATE_LIMIT_CALLS: String(CALLS), LOG_LEVEL: 'error' };
/** Answered by the gateway itself, so that no service is missed. */
const asked = '/api/status';

describe.skipIf(!hasNginx)('behind nginx that TRUST_PROXY names', () => {
  let proxy: FrontProxy;
  let gateways: GatewayProcess[];
  beforeAll(async () => {
    const environment = { ...production, TRUST_PROXY: '127.0.0.1', SOCKETS_PER_USER: '50' };
    gateways = await Promise.all([fixture.gateway(environment), fixture.gateway(environment)]);
    proxy = await proxyBefore(...gateways);
  }, START_LIMIT_MS);

  const statusFrom = async (from: string, path: string, headers: Record<string, string> = {}): Promise<number> =>
    (await proxy.ask(path, { from, headers })).status;

  /** How many calls an address has left in this minute, at most those of a whole one. */
  async function callsLeft(address: string, headersOf: (index: number) => Record<string, string>): Promise<number> {
    let taken = 0;
    for (let index = 0; index < CALLS * 2; index += 1) {
      if ((await statusFrom(address, asked, headersOf(index))) === 429) return taken;
      taken += 1;
    }
    return taken;
  }

  it('each customer has limits of their own', async () => {
    await vi.waitFor(async () => expect(await statusFrom('127.0.0.2', asked)).toBe(429), { timeout: 25_000, interval: 1 });
    expect(await statusFrom('127.0.0.3', asked)).not.toBe(429);
  });

  it.each([
    ['x-forwarded-for', '127.0.0.4', '127.0.0.5'],
    ['x-real-ip', '127.0.0.8', '127.0.0.9'],
    ['forwarded', '127.0.0.10', '127.0.0.11'],
  ])('a forged %s gives nobody more, and takes nothing from others', async (name, forger, other) => {
    const valueFor = (address: string): string => (name === 'forwarded' ? `for=${address}` : address);
    const taken = await callsLeft(forger, (index) => ({ [name]: valueFor(`198.51.100.${index}`) }));
    expect(taken).toBeLessThan(CALLS * 2);
    expect(await statusFrom(other, asked, { [name]: valueFor(forger) })).not.toBe(429);
  });

  it('probes and metrics are closed', async () => {
    for (const path of ['/metrics', '/metrics?x', '/%6detrics', '/health/live', '/health/ready', '/demo/', '/api/docs', '/dev/inbox'])
      expect(await statusFrom('127.0.0.6', path)).toBe(404);
  });

  it('a request without TLS is sent to the address with it, and nothing older than TLS 1.2 is spoken', async () => {
    const asking = request({ host: '127.0.0.1', port: proxy.httpPort, path: '/demo/?a=b', method: 'POST' }).end();
    const [answer] = await once(asking, 'response');
    answer.resume();
    expect([answer.statusCode, answer.headers.location]).toEqual([308, `https://127.0.0.1:${proxy.httpsPort}/demo/?a=b`]);
    const old = connect({ host: '127.0.0.1', port: proxy.httpsPort, ca: proxy.certificate, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
    await expect(once(old, 'secureConnect')).rejects.toThrow();
  });

  it('what nginx refuses itself has the form, the codes and the headers of the gateway', async () => {
    const common = await proxy.ask('/api/nothing-here', { from: '127.0.0.12' });
    const refused = await Promise.all([
      proxy.ask('/metrics', { from: '127.0.0.12' }),
      proxy.ask('/api/orders', { from: '127.0.0.12', method: 'POST', headers: { 'content-length': String(3 * 1_048_576) } }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([404, 413]);
    for (const { status, headers, body } of refused) {
      const problem = JSON.parse(body.toString()) as { code: CommonCode; title: string };
      const { kind, title } = COMMON_ERRORS[problem.code];
      expect([STATUS_BY_KIND[kind], problem]).toEqual([
        status,
        { type: `urn:only2u:error:${problem.code}`, title, status, detail: title, code: problem.code, requestId: headers['x-request-id'] },
      ]);
      for (const name of [
        'content-type',
        'strict-transport-security',
        'x-content-type-options',
        'content-security-policy',
        'referrer-policy',
      ])
        expect([name, headers[name]]).toEqual([name, common.headers[name]]);
    }
  });

  describe('sockets', () => {
    const sockets: Socket[] = [];
    afterAll(() => {
      for (const socket of sockets) socket.disconnect();
    });
    /** From an address of this machine, by which nginx chooses the gateway. */
    async function socketFrom(address: string, transports: ('polling' | 'websocket')[], userId: string): Promise<Socket> {
      const agent = new Agent({ ca: proxy.certificate, localAddress: address, keepAlive: true });
      const options = { auth: { token: fixture.token({ userId }) }, forceNew: true, reconnection: false, transports };
      const socket = io(`${proxy.url}/events`, { ...options, agent: agent as never });
      sockets.push(socket);
      expect(await outcomeOf(socket)).toEqual({ connected: true });
      return socket;
    }
    const openAt = async ({ probeUrl }: GatewayProcess): Promise<number> => {
      const text = await (await fetch(`${probeUrl}/metrics`)).text();
      return Number(/only2u_open_sockets\{namespace="\/events"\} (\d+)/.exec(text)?.[1] ?? 0);
    };

    it.each([[['polling']], [['websocket']], [['polling', 'websocket']]] as ('polling' | 'websocket')[][][])(
      'over %s stay with the gateway that knows them, and both gateways have some',
      async (transports) => {
        const before = await Promise.all(gateways.map(openAt));
        const userId = uuidv7();
        const opened = await Promise.all(Array.from({ length: 20 }, (_, index) => socketFrom(`127.0.1.${index + 1}`, transports, userId)));
        const heard = opened.map((socket) => {
          const changes: unknown[] = [];
          socket.on('order:status', (change) => changes.push(change));
          return changes;
        });
        const counts = await inTheEnd(async () => {
          const now = await Promise.all(gateways.map(openAt));
          const counts = now.map((count, index) => count - (before[index] ?? 0));
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(opened.length);
          return counts;
        });
        for (const count of counts) expect(count).toBeGreaterThan(0);
        const at = new Date().toISOString();
        const change = { orderId: uuidv7(), number: 'O-2026-1', status: 'shipped', paymentStatus: 'paid', at } as const;
        fixture.signals.send(orderApi.signals.statusChanged, { ...change, userId });
        await inTheEnd(() => {
          for (const changes of heard) expect(changes).toEqual([change]);
        });
        if (transports.length === 2)
          await inTheEnd(() => expect(opened.map(({ io }) => io.engine.transport.name)).toEqual(opened.map(() => 'websocket')));
        const ends = opened.map(ended);
        for (const socket of opened) socket.disconnect();
        await Promise.all(ends);
        await inTheEnd(async () => expect(await Promise.all(gateways.map(openAt))).toEqual(before));
      },
    );
  });
});

describe.skipIf(!hasNginx)('behind a balancer and nginx', () => {
  let gateways: GatewayProcess[];
  let proxy: FrontProxy;
  const balancer = '127.0.0.20';
  beforeAll(async () => {
    const environment = { ...production, TRUST_PROXY: '127.0.0.1' };
    gateways = await Promise.all([fixture.gateway(environment), fixture.gateway(environment)]);
    proxy = await FrontProxy.start(
      gateways.map(({ url }) => url),
      [balancer],
    );
    proxies.push(proxy);
  }, START_LIMIT_MS);
  const statusOf = async (customer: string, from = balancer): Promise<number> =>
    (await proxy.ask(asked, { from, headers: { 'x-forwarded-for': customer } })).status;

  it('each customer that the balancer names has limits of their own, and nobody else names any', async () => {
    await vi.waitFor(async () => expect(await statusOf('198.51.100.1')).toBe(429), { timeout: 25_000, interval: 1 });
    expect(await statusOf('198.51.100.2')).not.toBe(429);
    // What the customer has written stands before what the balancer has seen.
    expect(await statusOf('198.51.100.3, 198.51.100.1')).toBe(429);
    expect(await statusOf('198.51.100.1', '127.0.0.21')).not.toBe(429);
  });

  it('a gateway that dies costs nobody an answer, and without any nginx says 503 as the shop does', async () => {
    const [one, two] = gateways as [GatewayProcess, GatewayProcess];
    const end = async ({ process }: GatewayProcess): Promise<void> => {
      const gone = once(process, 'exit');
      process.kill('SIGKILL');
      await gone;
    };
    await end(one);
    for (let index = 0; index < 20; index += 1) expect(await statusOf(`198.51.100.${100 + index}`)).not.toBe(503);
    await end(two);
    const { status, headers, body } = await proxy.ask(asked, { from: balancer });
    expect([status, headers['retry-after'], headers['strict-transport-security']]).toEqual([
      503,
      '1',
      'max-age=31536000; includeSubDomains',
    ]);
    expect(JSON.parse(body.toString())).toMatchObject({
      code: 'unavailable',
      status: 503,
      retryable: true,
      requestId: headers['x-request-id'],
    });
  });
});

describe.skipIf(!hasNginx)('behind nginx that TRUST_PROXY does not name', () => {
  it(
    'the gateway says so once a minute, and counts it',
    async () => {
      const gateway = await fixture.gateway({ ...production, TRUST_PROXY: '' });
      const proxy = await proxyBefore(gateway);
      for (let index = 0; index < 5; index += 1) await proxy.ask(asked, { from: '127.0.0.7' });
      const said = () => gateway.lines.filter((line) => line.includes('edge.proxy_not_trusted'));
      await inTheEnd(() => expect(said()).toHaveLength(1));
      const metrics = await (await fetch(`${gateway.probeUrl}/metrics`)).text();
      expect(Number(/only2u_forwarded_not_trusted_total (\d+)/.exec(metrics)?.[1])).toBeGreaterThanOrEqual(5);
    },
    START_LIMIT_MS,
  );
});
