import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Wire } from '#libs/messaging/wire';
import { serviceOf } from '#libs/runtime/topology';
import { freePortOffset, isFree } from '../ports.ts';
import { startOf } from '../process-identity.ts';
import { type ScratchStores, startScratchStores } from '../scratch-stores.ts';
import { type Stack, type StackOptions, startStack } from '../stack.ts';
import { stubClone } from './stub-clone.ts';

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function redis(url: string, ...[command, ...args]: [string, ...string[]]): Promise<unknown> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  try {
    await client.connect();
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 15_000; waited += 50) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Not within 15 s: ${what}`);
}

const storeNames = ['postgres', 'redis', 'redis-cache'] as const;

describe('scratch stores', () => {
  let stores: ScratchStores;
  beforeAll(async () => {
    stores = await startScratchStores();
  });
  afterAll(() => stores.stop());

  it('are a PostgreSQL 18 with pg_trgm and two Redis, of which one may evict', async () => {
    expect(await query(stores.databaseUrl, "SELECT current_setting('server_version_num')::int / 10000 AS major")).toEqual([{ major: 18 }]);
    expect(await query(stores.databaseUrl, "SELECT 1 AS found FROM pg_available_extensions WHERE name = 'pg_trgm'")).toEqual([
      { found: 1 },
    ]);
    expect(await redis(stores.redisUrl, 'CONFIG', 'GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await redis(stores.redisCacheUrl, 'CONFIG', 'GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'allkeys-lru']);
  });

  it('let a stranger in neither by socket file nor without the password', async () => {
    const url = new URL(stores.databaseUrl);
    url.password = 'guess';
    await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    const [row] = await query(stores.databaseUrl, "SELECT current_setting('unix_socket_directories') AS folder");
    const folder = String(row?.folder);
    const socket = join(stores.dataDir, 'redis', 'redis.sock');
    // No other account may pass through these folders.
    expect([folder, dirname(socket)].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
    url.searchParams.set('host', folder);
    await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  });

  it('come back with their data when their process is killed', async () => {
    await query(stores.databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await redis(stores.redisUrl, 'SET', 'kept', '42');
    await Promise.all(
      (['postgres', 'redis'] as const).map(async (name) => {
        const before = stores.process(name).pid;
        await stores.process(name).kill();
        await stores.process(name).ready();
        expect(stores.process(name).pid).not.toBe(before);
      }),
    );
    expect(await query(stores.databaseUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await redis(stores.redisUrl, 'GET', 'kept')).toBe('42');
  });

  it('leave no process, port or data when they are stopped', async () => {
    const other = await startScratchStores();
    const running = storeNames.map((name) => ({ pid: other.process(name).pid ?? 0, port: other.process(name).port }));
    await other.stop();
    expect(running.map(({ pid }) => startOf(pid))).toEqual([undefined, undefined, undefined]);
    expect(await Promise.all(running.map(({ port }) => isFree(port)))).toEqual([true, true, true]);
    expect(existsSync(other.dataDir)).toBe(false);
  });

  it('leave no process or data when the one who started them is killed', async () => {
    const module = pathToFileURL(join(import.meta.dirname, '../scratch-stores.ts')).href;
    const script = `const { startScratchStores } = await import('${module}');
      const stores = await startScratchStores();
      console.log(JSON.stringify({ dataDir: stores.dataDir, pids: ['postgres', 'redis', 'redis-cache'].map((name) => stores.process(name).pid) }));
      process.stdin.resume().on('close', () => process.exit());`;
    const owner = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const said = await new Promise<string>((resolve) => owner.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    const { dataDir, pids }: { dataDir: string; pids: number[] } = JSON.parse(said);
    expect(pids.map((pid) => startOf(pid) !== undefined)).toEqual([true, true, true]);
    owner.kill('SIGKILL');
    await until('everything is gone', () => pids.every((pid) => startOf(pid) === undefined) && !existsSync(dataDir));
  });
});

describe('a stack', () => {
  let root: string;
  let portOffset: number;
  let stack: Stack;
  const start = (options: Partial<StackOptions> = {}) => startStack({ root, portOffset, dataDir: 'data', env: {}, ...options });
  const left = () => readdirSync(join(root, 'data')).filter((name) => !['postgres', 'redis', 'redis-cache', 'secrets.json'].includes(name));

  beforeAll(async () => {
    root = stubClone();
    portOffset = await freePortOffset();
    stack = await start({ replicas: { order: 2 }, seed: true, postgresSettings: { fsync: 'off' } });
  });
  afterAll(async () => {
    await stack.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it('has the probes of a service beside its port, and at a free one where that is taken', async () => {
    expect(stack.probeUrl('order')).toBe(`http://127.0.0.1:${4003 + portOffset}`);
    expect((await fetch(`${stack.probeUrl('order')}/health/ready`)).status).toBe(200);
  });

  it('has every built service ready at its port, and further replicas at free ones', async () => {
    expect(stack.ports).toMatchObject({ gateway: 3000 + portOffset, auth: 3001 + portOffset, order: 3003 + portOffset });
    expect(stack.replicasOf('order').map(({ name, state }) => [name, state])).toEqual([
      ['order', 'ready'],
      ['order-2', 'ready'],
    ]);
    expect(await (await fetch(`${stack.url('order-2')}/environment`)).json()).toMatchObject({
      APP: 'order',
      INSTANCE: 'order-2',
      BUS_SECRET: stack.secrets.BUS_SECRET,
    });
    expect(stack.logins).toEqual([{ role: 'admin', login: 'admin@example.com', password: 'generated' }]);
  });

  it('gives each service a database of its own that no other service’s login may enter', async () => {
    expect(await query(stack.databaseUrl('order'), 'SELECT current_user::text AS login, current_database() AS name')).toEqual([
      { login: 'only2u_order', name: 'only2u_order' },
    ]);
    await query(stack.databaseUrl('order', 'owner'), 'CREATE EXTENSION IF NOT EXISTS pg_trgm');
    await expect(query(stack.databaseUrl('order'), 'CREATE TABLE mine (id int)')).rejects.toThrow(/permission denied for schema/);
    const trespass = new URL(stack.databaseUrl('order'));
    trespass.pathname = '/only2u_auth';
    await expect(query(trespass.href, 'SELECT 1')).rejects.toThrow(/permission denied for database/);
  });

  it('leads services to its stores through their sockets, and everybody else by TCP', async () => {
    const environment = await (await fetch(`${stack.url('order')}/environment`)).json();
    const database = new URL(environment.ORDER_DATABASE_URL);
    expect(await query(database.href, 'SELECT inet_server_addr()::text AS address')).toEqual([{ address: null }]);
    expect(await query(stack.databaseUrl('order'), 'SELECT inet_server_addr()::text AS address')).toEqual([{ address: '127.0.0.1/32' }]);
    const bus = new URL(environment.REDIS_BUS_URL);
    expect([bus.username, new URL(stack.redisUrls.bus).search]).toEqual(['only2u_order', '']);
    bus.port = '1';
    expect(await redis(bus.href, 'PING')).toBe('PONG');
    const wire = new Wire({ url: bus.href, silenceMs: 3_000, onError: () => undefined });
    await wire.whenReady();
    expect(await wire.send('PING')).toBe('PONG');
    wire.close();
  });

  it('starts a service again that died, unless told not to', async () => {
    const order = stack.process('order');
    await fetch(`${order.url}/die`).catch(() => undefined);
    await until('it died', () => order.restarts === 1);
    await order.ready();
    stack.setAutoRestart(false, 'order');
    await order.kill();
    await expect(order.ready()).rejects.toThrow('order is stopped');
    expect(order.pid).toBeUndefined();
    stack.setAutoRestart(true, 'order');
    await order.start();
    expect(order.state).toBe('ready');
  });

  it('adds and removes replicas', async () => {
    const added = await stack.addReplica('order');
    expect(added.name).toBe('order-3');
    expect(await (await fetch(added.url)).text()).toBe('ready');
    await stack.removeReplica('order-3');
    expect(await isFree(added.port)).toBe(true);
  });

  it('refuses to start a second time on the same data', async () => {
    await expect(start({ portOffset: await freePortOffset() })).rejects.toThrow(`(process ${process.pid}) uses ${join(root, 'data')}`);
  });

  it('leaves only its data when it is stopped, and finds it again', async () => {
    await query(stack.databaseUrl('order', 'owner'), 'CREATE TABLE kept AS SELECT 42 AS answer');
    await redis(stack.redisUrls.cart, 'SET', 'kept', '42');
    const { secrets } = stack;
    const pids = [...stack.processes.values()].map(({ pid }) => pid ?? 0);
    await stack.stop();
    expect(pids.filter((pid) => startOf(pid) !== undefined)).toEqual([]);
    expect(left()).toEqual([]);
    stack = await start({ only: ['gateway'], postgresSettings: { fsync: 'off' } });
    expect([...stack.processes.keys()].sort()).toEqual(['auth', 'gateway', 'postgres', 'redis', 'redis-cache']);
    expect(stack.secrets).toEqual(secrets);
    expect(await query(stack.databaseUrl('order', 'owner'), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await redis(stack.redisUrls.cart, 'GET', 'kept')).toBe('42');
  });

  it('starts nothing when a port is taken', async () => {
    await stack.stop();
    const server = createServer().listen(serviceOf('order').port + portOffset, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      await expect(start()).rejects.toThrow(`Port ${3003 + portOffset} (order) is taken by another program`);
      expect(left()).toEqual([]);
    } finally {
      server.close();
    }
  });

  it('stops everything when a service does not come up, and says what that service said', async () => {
    const broken = join(root, 'dist/apps/order/src/broken');
    writeFileSync(broken, '');
    await expect(start()).rejects.toThrow(/^order ended before it was ready \(exit code 1\)[\s\S]*this service is broken/);
    rmSync(broken);
    expect(left()).toEqual([]);
    expect(await Promise.all([3000, 3001, 3003, 5532, 6479, 6480].map((port) => isFree(port + portOffset)))).toEqual(Array(6).fill(true));
  });

  it('stops everything when the start is given up half-way', async () => {
    const giveUp = new AbortController();
    const starting = start({ signal: giveUp.signal, onPhase: (phase) => phase === 'migrations' && giveUp.abort(new Error('given up')) });
    await expect(starting).rejects.toThrow('given up');
    expect(left()).toEqual([]);
    expect(await Promise.all([3000, 3001, 3003, 5532, 6479, 6480].map((port) => isFree(port + portOffset)))).toEqual(Array(6).fill(true));
  });
});
