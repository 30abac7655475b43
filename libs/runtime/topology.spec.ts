import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { databaseUrl, listeningPort, migrationDatabaseUrl, probePort, publicUrl, redisUrl, settings } from './settings.ts';
import {
  cassandraPorts,
  highestPort,
  highestPortOffset,
  isServiceName,
  probePortDistance,
  razorpaySimulatorPorts,
  serviceOf,
  services,
  storePorts,
} from './topology.ts';

const secret = { BUS_SECRET: randomBytes(36).toString('base64url') };

it('gives no two listeners the same port, at any offset, and keeps all below those of outgoing connections', () => {
  const ports = [
    ...services.flatMap(({ port }) => [port, port + probePortDistance]),
    ...Object.values(storePorts),
    ...Object.values(cassandraPorts),
    ...Object.values(razorpaySimulatorPorts),
  ];
  expect(new Set(ports).size).toBe(ports.length);
  expect(Math.max(...ports) + highestPortOffset).toBe(highestPort);
  expect(() => settings.read({ ...secret, PORT_OFFSET: String(highestPortOffset + 1) })).toThrow('PORT_OFFSET must be');
});

it('keeps the ports of the fixed choices', () => {
  const fixed = { gateway: 3000, auth: 3001, product: 3002, order: 3003, payment: 3004, cart: 3005 };
  expect(Object.fromEntries(services.map(({ name, port }) => [name, port]))).toMatchObject(fixed);
});

it('knows its own names only', () => {
  expect(isServiceName('order')).toBe(true);
  expect(isServiceName('toString')).toBe(false);
});

it('lets every service reach the bus', () => {
  for (const { redis } of services) expect(redis).toContain('bus');
});

it('finds a role at its own URL, else at REDIS_URL, else at the local stack’s server for it', () => {
  expect(redisUrl(settings.read({ ...secret, REDIS_URL: 'redis://a:1', REDIS_CART_URL: 'redis://b:2' }), 'cart')).toBe('redis://b:2');
  expect(redisUrl(settings.read({ ...secret, REDIS_URL: 'redis://a:1' }), 'cache')).toBe('redis://a:1');
  expect(redisUrl(settings.read({ ...secret, PORT_OFFSET: '100' }), 'cache')).toBe('redis://127.0.0.1:6580');
  expect(redisUrl(settings.read({ ...secret, PORT_OFFSET: '100' }), 'limits')).toBe('redis://127.0.0.1:6579');
});

it('finds a database at its own URL, else by its name at DATABASE_URL', () => {
  const values = settings.read({
    ...secret,
    DATABASE_URL: 'postgres://u:p@db:5432/postgres?sslmode=require',
    CART_DATABASE_URL: 'postgres://c@own/carts',
  });
  expect(databaseUrl(values, 'order')).toBe('postgres://u:p@db:5432/only2u_order?sslmode=require');
  expect(databaseUrl(values, 'cart')).toBe('postgres://c@own/carts');
  expect(() => databaseUrl(settings.read(secret), 'order')).toThrow('ORDER_DATABASE_URL or DATABASE_URL is missing');
});

it('puts a password that stands beside a URL into it, whatever its characters, and none into a URL that has one', () => {
  const password = "p@ss/w:rd#1 ?%41&é'";
  const values = settings.read({
    ...secret,
    REDIS_PASSWORD: password,
    REDIS_BUS_URL: 'redis://only2u_order@redis:6379',
    REDIS_CACHE_URL: 'redis://only2u_order:own@redis:6379',
    ORDER_DATABASE_URL: 'postgres://only2u_order@db:5432/only2u_order?sslmode=require',
    ORDER_DATABASE_PASSWORD: password,
    ORDER_MIGRATION_DATABASE_URL: 'postgres://only2u_order_owner@db:5432/only2u_order',
    ORDER_MIGRATION_DATABASE_PASSWORD: `${password} of the owner`,
  });
  const passwordIn = (url: string): string => decodeURIComponent(new URL(url).password);
  expect(passwordIn(redisUrl(values, 'bus'))).toBe(password);
  expect(redisUrl(values, 'cache')).toBe('redis://only2u_order:own@redis:6379');
  expect(passwordIn(databaseUrl(values, 'order'))).toBe(password);
  expect(new URL(databaseUrl(values, 'order'))).toMatchObject({ username: 'only2u_order', hostname: 'db', search: '?sslmode=require' });
  expect(passwordIn(migrationDatabaseUrl(values, 'order'))).toBe(`${password} of the owner`);
  expect(JSON.stringify(values)).not.toContain('p@ss');
});

it('listens on PORT, else on the service’s port; GATEWAY_PORT moves the gateway alone', () => {
  const values = settings.read({ ...secret, PORT_OFFSET: '10', GATEWAY_PORT: '8080' });
  expect(listeningPort(values, 'gateway')).toBe(8080);
  expect(listeningPort(values, 'order')).toBe(serviceOf('order').port + 10);
  expect(listeningPort(settings.read({ ...secret, PORT: '9000' }), 'order')).toBe(9000);
  expect(publicUrl(values)).toBe('http://localhost:8080');
  expect(publicUrl(settings.read({ ...secret, PUBLIC_URL: 'https://only2u.in/' }))).toBe('https://only2u.in');
});

it('serves probes 1000 above the port of the process, or at PROBE_PORT', () => {
  expect(probePort(settings.read({ ...secret, PORT_OFFSET: '10' }), 'order')).toBe(4013);
  expect(probePort(settings.read({ ...secret, PORT: '9000' }), 'order')).toBe(10_000);
  expect(probePort(settings.read({ ...secret, PROBE_PORT: '9100' }), 'order')).toBe(9_100);
  expect(() => probePort(settings.read({ ...secret, PORT: '65000' }), 'order')).toThrow('PROBE_PORT must be set');
});

it('refuses in production to go on without the stores and the address of the service it is', () => {
  const production = { ...secret, NODE_ENV: 'production' };
  expect(() => settings.read({ ...production, APP: 'order', REDIS_URL: 'redis://a' })).toThrow(
    'ORDER_DATABASE_URL or DATABASE_URL must be set',
  );
  expect(() => settings.read({ ...production, APP: 'gateway', PUBLIC_URL: 'https://only2u.in' })).toThrow(
    'REDIS_BUS_URL or REDIS_URL must be set',
  );
  for (const APP of services.map(({ name }) => name))
    expect(() => settings.read({ ...production, APP, REDIS_URL: 'redis://a', DATABASE_URL: 'postgres://a' })).toThrow(
      'PUBLIC_URL must be set',
    );
  expect(() => settings.read({ ...production, APP: 'gateway', REDIS_URL: 'redis://a', PUBLIC_URL: 'http://only2u.in' })).toThrow(
    'PUBLIC_URL must begin with https://',
  );
});

it('takes https origins alone for pictures', () => {
  const read = (IMAGE_ORIGINS: string) => settings.read({ ...secret, IMAGE_ORIGINS }).IMAGE_ORIGINS;
  expect(read('https://cdn.example.com, https://img.example.com:8443')).toEqual([
    'https://cdn.example.com',
    'https://img.example.com:8443',
  ]);
  for (const wrong of ['foo', 'http://cdn.example.com', 'https://cdn.example.com/path', '*', "'unsafe-inline'"])
    expect(() => read(wrong)).toThrow('IMAGE_ORIGINS must be https origins');
});
