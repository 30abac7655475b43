import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inTheEnd } from '#libs/testing/builders';
import { freePort } from '#libs/testing/redis-server';
import { GatewayFixture, type GatewayProcess, START_LIMIT_MS } from './gateway-fixture.ts';

/** A real nginx, as it stands before the gateway in production. */
const nginx = ['nginx', '/usr/sbin/nginx'].find((program) => spawnSync(program, ['-v']).status === 0);
const isRequired = ['1', 'true'].includes(process.env.REQUIRE_NGINX ?? '') || process.env.CI !== undefined;
if (nginx === undefined && !isRequired)
  process.stderr.write('\nSKIPPED: the gateway behind a proxy. No nginx on the PATH; install it, or set REQUIRE_NGINX=1 to fail.\n\n');

const CALLS = 40;

let fixture: GatewayFixture;
let folder: string;
const proxies: ChildProcess[] = [];

beforeAll(async () => {
  fixture = await GatewayFixture.start();
  folder = mkdtempSync(join(tmpdir(), 'only2u-nginx-'));
});
afterAll(async () => {
  for (const proxy of proxies) {
    if (proxy.exitCode !== null) continue;
    const gone = once(proxy, 'exit');
    proxy.kill('SIGTERM');
    await gone;
  }
  await fixture.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function proxyBefore(gateway: GatewayProcess): Promise<number> {
  const port = await freePort();
  const file = join(folder, `${port}.conf`);
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/${port}.pid; error_log stderr;
events { worker_connections 64; }
http {
  access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${gateway.url};
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`,
  );
  const proxy = spawn(nginx ?? 'nginx', ['-c', file, '-p', folder, '-e', 'stderr'], { stdio: 'ignore' });
  proxies.push(proxy);
  await inTheEnd(() => statusFrom('127.0.0.1', port, '/api/status'));
  return port;
}

/** As a client at another address of this machine. */
function statusFrom(address: string, port: number, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, localAddress: address, agent: false, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.once('error', reject);
    asked.end();
  });
}

const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://only2u.example', RATE_LIMIT_CALLS: String(CALLS), LOG_LEVEL: 'error' };
/** Answered by the gateway itself, so that no service is missed. */
const asked = '/api/status';

/** How many calls an address has left in this minute, at most those of a whole one. */
async function callsLeft(
  address: string,
  port: number,
  headersOf: (index: number) => Record<string, string> = () => ({}),
): Promise<number> {
  let taken = 0;
  for (let index = 0; index < CALLS * 2; index += 1) {
    if ((await statusFrom(address, port, asked, headersOf(index))) === 429) return taken;
    taken += 1;
  }
  return taken;
}

describe.skipIf(nginx === undefined && !isRequired)('behind nginx that TRUST_PROXY names', () => {
  let port: number;
  beforeAll(async () => {
    port = await proxyBefore(await fixture.gateway({ ...production, TRUST_PROXY: '127.0.0.1' }));
  }, START_LIMIT_MS);

  it('each customer has limits of their own', async () => {
    await vi.waitFor(async () => expect(await statusFrom('127.0.0.2', port, asked)).toBe(429), { timeout: 25_000, interval: 1 });
    expect(await statusFrom('127.0.0.3', port, asked)).not.toBe(429);
  });

  it('a forged X-Forwarded-For gives nobody more', async () => {
    const taken = await callsLeft('127.0.0.4', port, (index) => ({ 'x-forwarded-for': `198.51.100.${index}` }));
    expect(taken).toBeLessThan(CALLS * 2);
    expect(await statusFrom('127.0.0.5', port, asked, { 'x-forwarded-for': '127.0.0.4' })).not.toBe(429);
  });

  it('probes and metrics are closed', async () => {
    for (const path of ['/metrics', '/metrics?x', '/%6detrics', '/health/live', '/health/ready', '/demo/', '/api/docs', '/dev/inbox'])
      expect(await statusFrom('127.0.0.6', port, path)).toBe(404);
  });
});

describe.skipIf(nginx === undefined && !isRequired)('behind nginx that TRUST_PROXY does not name', () => {
  it(
    'the gateway says so once a minute, and counts it',
    async () => {
      const gateway = await fixture.gateway({ ...production, TRUST_PROXY: '' });
      const port = await proxyBefore(gateway);
      for (let index = 0; index < 5; index += 1) await statusFrom('127.0.0.7', port, '/api/status');
      const said = () => gateway.lines.filter((line) => line.includes('edge.proxy_not_trusted'));
      await inTheEnd(() => expect(said()).toHaveLength(1));
      const metrics = await (await fetch(`${gateway.probeUrl}/metrics`)).text();
      expect(Number(/only2u_forwarded_not_trusted_total (\d+)/.exec(metrics)?.[1])).toBeGreaterThanOrEqual(5);
    },
    START_LIMIT_MS,
  );
});
