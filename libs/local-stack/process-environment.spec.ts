import { describe, expect, it } from 'vitest';
import { redisRoles, serviceOf, services } from '#libs/runtime/topology';
import { type Facts, jobEnvironment, refuseMakeshiftsInProduction, serviceEnvironment } from './process-environment.ts';
import { redisPassword } from './secrets.ts';

const secrets = {
  ...{
    BUS_SECRET: 'bus',
    JWT_PRIVATE_KEY: 'jwt',
    FACTOR_KEY: 'factor',
    INSTRUMENT_KEY: 'instrument',
    DEVICE_KEY: 'device',
    STORAGE_LINK_KEYS: 'links',
    RAZORPAY_KEY_ID: 'id',
    RAZORPAY_KEY_SECRET: 'key',
    RAZORPAY_WEBHOOK_SECRET: 'hook',
  },
  ...{ POSTGRES_PASSWORD: 'root', DATABASE_LOGINS: 'logins' },
};
const databaseUrls = {
  AUTH_DATABASE_URL: 'postgres://auth',
  ORDER_DATABASE_URL: 'postgres://order',
  PAYMENT_DATABASE_URL: 'postgres://payment',
};
// One entry for each role.
const redisUrls = Object.fromEntries(redisRoles.map((role) => [role, `redis://${role}`])) as Facts['redisUrls'];

function facts(given: Facts['given'] = {}, razorpaySandbox = true): Facts {
  return { given, shared: { PORT_OFFSET: '7' }, secrets, databaseUrls, redisUrls, redisPrefix: 'only2u', razorpaySandbox, smallHeap: true };
}

const environmentOf = (
  name: 'auth' | 'notification' | 'order' | 'payment' | 'gateway' | 'product',
  given: Facts['given'] = {},
  sandbox = true,
) => serviceEnvironment(facts(given, sandbox), [serviceOf(name)], name, { port: 1, probePort: 2 }, 1);

describe('a service', () => {
  it('sees its own database and secrets, and nobody else’s', () => {
    const given = {
      DATABASE_URL: 'postgres://superuser',
      PAYMENT_DATABASE_URL: 'postgres://payment',
      PAYMENT_DATABASE_PASSWORD: 'payment',
      ORDER_MIGRATION_DATABASE_PASSWORD: 'owner',
      RAZORPAY_WEBHOOK_SECRET_PREVIOUS: 'old',
    };
    const order = environmentOf('order', given);
    expect(order).toMatchObject({
      APP: 'order',
      BUS_SECRET: 'bus',
      ORDER_DATABASE_URL: 'postgres://order',
      REDIS_BUS_URL: `redis://only2u_order:${redisPassword(secrets, 'order')}@bus`,
      PORT_OFFSET: '7',
    });
    for (const foreign of [
      'DATABASE_URL',
      'PAYMENT_DATABASE_URL',
      'PAYMENT_DATABASE_PASSWORD',
      'ORDER_MIGRATION_DATABASE_URL',
      'ORDER_MIGRATION_DATABASE_PASSWORD',
      'AUTH_DATABASE_URL',
      'JWT_PRIVATE_KEY',
      'FACTOR_KEY',
      'RAZORPAY_KEY_SECRET',
      'RAZORPAY_WEBHOOK_SECRET_PREVIOUS',
    ]) {
      expect(order).not.toHaveProperty(foreign);
    }
    expect(environmentOf('payment', given)).toMatchObject({ RAZORPAY_KEY_SECRET: 'key', RAZORPAY_WEBHOOK_SECRET_PREVIOUS: 'old' });
    expect(environmentOf('auth')).toMatchObject({ JWT_PRIVATE_KEY: 'jwt', FACTOR_KEY: 'factor' });
  });

  it('has a login of its own at our Redis, and none made up at a server that was named', () => {
    const passwords = ['auth', 'order', 'payment'].map((name) => new URL(environmentOf(name as 'auth').REDIS_BUS_URL ?? '').password);
    expect(new Set(passwords).size).toBe(3);
    expect(environmentOf('order', { REDIS_URL: 'redis://elsewhere' }).REDIS_BUS_URL).toBe('redis://bus');
  });

  it('gets what was set rather than what was generated, and no sandbox credentials beside real ones', () => {
    expect(environmentOf('auth', { JWT_PRIVATE_KEY: 'mine', BUS_SECRET: 'mine' })).toMatchObject({
      JWT_PRIVATE_KEY: 'mine',
      BUS_SECRET: 'mine',
    });
    expect(environmentOf('payment', { RAZORPAY_KEY_ID: 'rzp_live' }, false)).not.toHaveProperty('RAZORPAY_KEY_SECRET');
  });

  it('does not inherit npm’s or the test runner’s variables, nor another process’s port', () => {
    const order = environmentOf('order', { npm_config_omit: 'dev', VITEST: 'true', PORT: '3000', PROBE_PORT: '9', SHIPPING_FEE: '1' });
    expect(order.PROBE_PORT).toBe('2');
    expect(Object.keys(order).filter((name) => /^(npm_|VITEST|PORT$)/.test(name))).toEqual([]);
    expect(order.SHIPPING_FEE).toBe('1');
  });

  it('is given its port only as a further replica', () => {
    const order = serviceEnvironment(facts(), [serviceOf('order')], 'order-2', { port: 12_345, probePort: 12_346 }, 2);
    expect(order).toMatchObject({ PORT: '12345', PROBE_PORT: '12346', INSTANCE: 'order-2' });
  });

  it('together with others sees what each of them sees, with one login of their own at our Redis', () => {
    const both = serviceEnvironment(facts(), [serviceOf('gateway'), serviceOf('payment')], 'all', { port: 1, probePort: 2 }, 1);
    expect(both).toMatchObject({
      APP: 'gateway,payment',
      PAYMENT_DATABASE_URL: 'postgres://payment',
      RAZORPAY_KEY_SECRET: 'key',
      REDIS_CACHE_URL: `redis://only2u_all:${redisPassword(secrets, 'all')}@cache`,
    });
    for (const foreign of ['AUTH_DATABASE_URL', 'JWT_PRIVATE_KEY', 'NODE_OPTIONS']) expect(both).not.toHaveProperty(foreign);
  });

  it('is given the login at Cassandra if it keeps rows there, and no other', () => {
    const given = { CASSANDRA_CONTACT_POINTS: '10.0.0.1', CASSANDRA_USERNAME: 'shop', CASSANDRA_PASSWORD: 'a password of the shop' };
    expect(environmentOf('notification', given)).toMatchObject(given);
    expect(environmentOf('order', given)).not.toHaveProperty('CASSANDRA_PASSWORD');
    expect(jobEnvironment(facts(given))).toMatchObject(given);
  });

  it('saves memory unless it hydrates many rows', () => {
    expect(environmentOf('order').NODE_OPTIONS).toBe('--max-semi-space-size=2');
    expect(environmentOf('order', { NODE_OPTIONS: '--trace-warnings' }).NODE_OPTIONS).toBe('--trace-warnings --max-semi-space-size=2');
    expect(environmentOf('gateway')).not.toHaveProperty('NODE_OPTIONS');
    expect(environmentOf('product')).not.toHaveProperty('NODE_OPTIONS');
  });
});

it('shows the jobs before the start every database', () => {
  expect(jobEnvironment(facts())).toMatchObject({ ...databaseUrls, REDIS_CACHE_URL: 'redis://cache' });
});

it('makes nothing up in production, and says what is missing', () => {
  expect(() => refuseMakeshiftsInProduction({}, services)).not.toThrow();
  expect(() => refuseMakeshiftsInProduction({ NODE_ENV: 'production', BUS_SECRET: 'x' }, [serviceOf('auth')])).toThrow(
    /PUBLIC_URL must be set in production\n.*DATABASE_URL must be set in production\n.*REDIS_URL must be set in production\n.*JWT_PRIVATE_KEY must be set in production\n.*FACTOR_KEY must be set in production$/,
  );
});
