import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import type { Revocation } from '#libs/contracts/auth/messages';
import { orderApi } from '#libs/contracts/order/api';
import type { OrderStatusChange } from '#libs/contracts/order/messages';
import { inTheEnd } from '#libs/testing/builders';
import { GatewayFixture, type GatewayProcess, START_LIMIT_MS, type TokenOptions } from './gateway-fixture.ts';
import { connectTo, ended, outcomeOf, type SocketClientOptions } from './socket-clients.ts';

/** Real clients at two gateway processes that share nothing but Redis. */
const SHOP = 'https://shop.example';

let fixture: GatewayFixture;
let one: GatewayProcess;
let two: GatewayProcess;
const opened: Socket[] = [];

beforeAll(async () => {
  fixture = await GatewayFixture.start();
  const environment = { CORS_ORIGINS: SHOP, TRUST_PROXY: '127.0.0.1,10.9.0.0/16', SOCKETS_PER_USER: '3', SOCKETS_PER_ADDRESS: '20' };
  [one, two] = await Promise.all([fixture.gateway(environment), fixture.gateway(environment)]);
}, START_LIMIT_MS);
afterEach(() => {
  for (const socket of opened.splice(0)) socket.disconnect();
});
afterAll(() => fixture?.stop());

const open = (gateway: GatewayProcess, auth: object, options: SocketClientOptions = {}, namespace = '/events'): Socket => {
  const socket = connectTo(gateway, namespace, auth, options);
  opened.push(socket);
  return socket;
};

/** A socket that was let in, and what it has heard. */
async function admitted(
  gateway: GatewayProcess,
  token: TokenOptions,
  options: SocketClientOptions = {},
): Promise<{ socket: Socket; heard: unknown[] }> {
  const socket = open(gateway, { token: fixture.token(token) }, options);
  const heard: unknown[] = [];
  socket.on('order:status', (change) => heard.push(change));
  expect(await outcomeOf(socket)).toEqual({ connected: true });
  return { socket, heard };
}

function changeFor(userId: string): OrderStatusChange {
  return { orderId: uuidv7(), userId, number: 'O-2026-1', status: 'shipped', paymentStatus: 'paid', at: new Date().toISOString() };
}

const openAt = async (gateway: GatewayProcess): Promise<number> => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(/only2u_open_sockets\{namespace="\/events"\} (\d+)/.exec(text)?.[1] ?? 0);
};

describe('a change of an order', () => {
  it.each([['websocket'], ['polling']] as const)(
    'reaches all tabs of its owner on both gateways over %s, and nobody else',
    async (transport) => {
      const [userId, otherId] = [uuidv7(), uuidv7()];
      const options = { transports: [transport] };
      const tabs = await Promise.all([
        admitted(one, { userId }, options),
        admitted(one, { userId }, options),
        admitted(two, { userId }, options),
      ]);
      const others = await Promise.all([admitted(one, { userId: otherId }, options), admitted(two, { userId: otherId }, options)]);
      const [change, otherChange] = [changeFor(userId), changeFor(otherId)];
      fixture.signals.send(orderApi.signals.statusChanged, change);
      fixture.signals.send(orderApi.signals.statusChanged, otherChange);
      const { userId: _, ...shown } = change;
      const { userId: __, ...otherShown } = otherChange;
      await inTheEnd(() => {
        for (const { heard } of tabs) expect(heard).toEqual([shown]);
        for (const { heard } of others) expect(heard).toEqual([otherShown]);
      });
    },
  );

  it('is heard by a client that begins with polling and upgrades', async () => {
    const userId = uuidv7();
    const { socket, heard } = await admitted(two, { userId }, { transports: ['polling', 'websocket'] });
    await inTheEnd(() => expect(socket.io.engine.transport.name).toBe('websocket'));
    fixture.signals.send(orderApi.signals.statusChanged, changeFor(userId));
    await inTheEnd(() => expect(heard).toHaveLength(1));
  });
});

describe('nobody is let in', () => {
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  it.each([
    ['without a token', () => ({})],
    ['with a number', () => ({ token: 7 })],
    ['with something that is no token', () => ({ token: 'Bearer of nothing' })],
    ['with a token that has expired', () => ({ token: fixture.token({ seconds: -1 }) })],
    ['with a token that somebody else has signed', () => ({ token: fixture.token({ key: foreign }) })],
    ['with a token of which a letter was changed', () => ({ token: fixture.token().replace(/.{8}$/, 'AAAAAAAA') })],
  ])('%s', async (_case, auth) => {
    const socket = open(one, auth());
    expect(await outcomeOf(socket)).toMatchObject({ connected: false, code: 'unauthenticated' });
  });

  it.each(['/', '/chat/', '/events/', '/admin'])('at %s', async (namespace) => {
    const socket = open(one, { token: fixture.token() }, {}, namespace);
    expect(await outcomeOf(socket)).toEqual({ connected: false, message: 'Invalid namespace' });
  });

  it.each(['websocket', 'polling'] as const)(
    'over %s from a page of a foreign origin; pages of the shop and of the gateway are',
    async (transport) => {
      const from = (origin: string): Socket => open(one, { token: fixture.token() }, { transports: [transport], extraHeaders: { origin } });
      for (const origin of ['https://evil.example', 'https://shop.example.evil.example', 'null'])
        expect(await outcomeOf(from(origin))).toMatchObject({ connected: false });
      for (const origin of [SHOP, one.url]) expect(await outcomeOf(from(origin))).toEqual({ connected: true });
    },
  );
});

describe('a socket', () => {
  it('is closed on every gateway when its session is revoked, and that session gets no other; further sessions of the user stay', async () => {
    const [userId, sessionId] = [uuidv7(), uuidv7()];
    const revoked = await Promise.all([admitted(one, { userId, sessionId }), admitted(two, { userId, sessionId })]);
    const { socket: other } = await admitted(one, { userId });
    const token = fixture.token({ userId, sessionId });
    const reasons = Promise.all(revoked.map(({ socket }) => ended(socket)));
    fixture.signals.send(authApi.signals.revoked, fixture.revocation('session', sessionId));
    expect(await reasons).toEqual(['io server disconnect', 'io server disconnect']);
    expect(await outcomeOf(open(two, { token }))).toMatchObject({ connected: false, code: 'unauthenticated' });
    expect(other.connected).toBe(true);
  });

  it('is closed though the signal is lost', async () => {
    const userId = uuidv7();
    const { socket } = await admitted(two, { userId });
    fixture.revocation('user', userId);
    await inTheEnd(() => expect(socket.connected).toBe(false));
  });

  it('of a session that began after the user was cut off stays, though the signal comes later still', async () => {
    const userId = uuidv7();
    const { socket: before } = await admitted(one, { userId });
    const revocation: Revocation = { kind: 'user', id: userId, before: Math.ceil(fixture.bus.clock.now()) + 1 };
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { socket: after, heard } = await admitted(one, { userId });
    const gone = ended(before);
    fixture.revocations.push(revocation);
    fixture.signals.send(authApi.signals.revoked, revocation);
    await gone;
    fixture.signals.send(orderApi.signals.statusChanged, changeFor(userId));
    await inTheEnd(() => expect(heard).toHaveLength(1));
    expect(after.connected).toBe(true);
  });

  it('is closed when its token expires', async () => {
    const { socket } = await admitted(one, { seconds: 1.5 });
    expect(await ended(socket)).toBe('io server disconnect');
  });

  it('is not answered, whatever it sends', async () => {
    const userId = uuidv7();
    const { socket, heard } = await admitted(one, { userId });
    socket.emit('order:status', changeFor(userId));
    await expect(socket.timeout(300).emitWithAck('join', `user:${uuidv7()}`)).rejects.toThrow();
    expect([socket.connected, heard]).toEqual([true, []]);
  });

  it('is counted while it is open', async () => {
    await inTheEnd(async () => expect(await openAt(two)).toBe(0));
    const { socket } = await admitted(two, {});
    await admitted(two, {});
    expect(await openAt(two)).toBe(2);
    socket.disconnect();
    await inTheEnd(async () => expect(await openAt(two)).toBe(1));
  });
});

describe('how many', () => {
  it('sockets a user has is bounded, also when they open at the same time; one that closes makes room', async () => {
    const userId = uuidv7();
    const token = fixture.token({ userId });
    const sockets = Array.from({ length: 8 }, () => open(one, { token }));
    const outcomes = await Promise.all(sockets.map(outcomeOf));
    expect(outcomes.filter(({ connected }) => connected)).toHaveLength(3);
    expect(outcomes.filter(({ code }) => code === 'rate_limited')).toHaveLength(5);
    sockets.find(({ connected }) => connected)?.disconnect();
    await inTheEnd(async () => expect(await outcomeOf(open(one, { token }))).toEqual({ connected: true }));
  });

  it('connections an address has is bounded, by what our proxies say and not by what the client claims', async () => {
    const from = (address: string): Socket =>
      open(
        one,
        { token: fixture.token() },
        { extraHeaders: { 'x-forwarded-for': `192.0.2.${Math.floor(Math.random() * 250)}, ${address}` } },
      );
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => outcomeOf(from('203.0.113.7, 10.9.1.1'))));
    expect(outcomes.filter(({ connected }) => connected)).toHaveLength(20);
    expect(await outcomeOf(from('203.0.113.7'))).toMatchObject({ connected: false });
    expect(await outcomeOf(from('203.0.113.8'))).toEqual({ connected: true });
  });

  it('connections that no namespace lets in are cut after seconds', async () => {
    // Not socket.io's client, which leaves by itself.
    const idle = new WebSocket(`${one.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    const closed = vi.fn();
    idle.addEventListener('close', closed);
    await once(idle, 'message');
    idle.send('40/events,{"token":"of nobody"}');
    const [refusal] = (await once(idle, 'message')) as [MessageEvent<string>];
    expect(refusal.data).toContain('unauthenticated');
    await inTheEnd(() => expect(closed).toHaveBeenCalled());
  });
});

describe('beside sockets', () => {
  it('only pages of the shop may read what polling answers', async () => {
    const allowed = async (origin: string): Promise<string | null> =>
      (await fetch(`${one.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } })).headers.get('access-control-allow-origin');
    expect([await allowed(SHOP), await allowed('https://evil.example')]).toEqual([SHOP, null]);
  });

  it('every answer carries a request id and the headers of the edge', async () => {
    const handshake = await fetch(`${one.url}/socket.io/?EIO=4&transport=polling`, { headers: { 'x-request-id': 'my-own-request' } });
    const refused = await fetch(`${one.url}/socket.io/?EIO=4&transport=carrier-pigeon`);
    expect([handshake.status, refused.status]).toEqual([200, 400]);
    expect(handshake.headers.get('x-request-id')).toBe('my-own-request');
    for (const { headers } of [handshake, refused]) {
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{8,}$/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it('a request that offers another protocol is answered as it is', async () => {
    const { hostname, port } = new URL(one.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('a gateway that is told to stop', () => {
  it(
    'cuts its sockets so that clients come back by themselves, takes no new ones, and ends',
    async () => {
      const leaving = await fixture.gateway();
      const sockets = await Promise.all([
        admitted(leaving, {}),
        admitted(leaving, {}, { transports: ['polling'] }),
        ...Array.from({ length: 60 }, () => admitted(leaving, {})),
      ]);
      // A peer that never answers: its connection is open and nobody reads it.
      const silent = connect(Number(new URL(leaving.url).port), '127.0.0.1');
      silent.write(
        'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      await once(silent, 'data');
      silent.pause();
      const reasons = Promise.all(sockets.map(({ socket }) => ended(socket)));
      const exit = once(leaving.process, 'exit');
      leaving.process.kill('SIGTERM');
      await Promise.race(sockets.map(({ socket }) => ended(socket)));
      expect(await outcomeOf(open(leaving, { token: fixture.token() }))).toMatchObject({ connected: false });
      expect(new Set(await reasons)).toEqual(new Set(['transport close']));
      expect(await exit).toEqual([0, null]);
      silent.destroy();
    },
    START_LIMIT_MS,
  );
});
