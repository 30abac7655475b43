import { connect, type Socket as NetSocket } from 'node:net';
import type { Socket } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import { notificationApi } from '#libs/contracts/notification/api';
import type { Notification } from '#libs/contracts/notification/views';
import { inTheEnd } from '#libs/testing/builders';
import { GatewayFixture, type GatewayProcess, START_LIMIT_MS, type TokenOptions } from './gateway-fixture.ts';
import { connectTo, ended, outcomeOf } from './socket-clients.ts';

/** What a socket may send, and how long it may stay. */
let fixture: GatewayFixture;
let gateway: GatewayProcess;
const opened: Socket[] = [];

beforeAll(async () => {
  fixture = await GatewayFixture.start();
  gateway = await fixture.gateway();
}, START_LIMIT_MS);
afterEach(() => {
  for (const socket of opened.splice(0)) socket.disconnect();
});
afterAll(() => fixture?.stop());

async function admitted(token: TokenOptions = {}): Promise<Socket> {
  const socket = connectTo(gateway, '/events', { token: fixture.token(token) });
  opened.push(socket);
  expect(await outcomeOf(socket)).toEqual({ connected: true });
  return socket;
}

const renewed = (socket: Socket, ...body: unknown[]): Promise<unknown> => socket.timeout(5_000).emitWithAck('auth', ...body);
const refusal = (code: string) => ({ ok: false, error: expect.objectContaining({ code }) });

describe('a new token', () => {
  it('of the same user keeps a socket open past the end of the old one, and ends it with its own', async () => {
    const userId = uuidv7();
    const socket = await admitted({ userId, seconds: 3 });
    const end = ended(socket);
    const began = performance.now();
    const answer = await renewed(socket, { token: fixture.token({ userId, seconds: 6 }) });
    // Of the new token's six, more than the old one ever had.
    expect(answer).toEqual({ ok: true, expiresIn: expect.toSatisfy((left: number) => Number.isInteger(left) && left > 3 && left <= 6) });
    expect(await end).toBe('io server disconnect');
    expect(performance.now() - began).toBeGreaterThan(4_000);
  });

  it('of another user is forbidden, and one that is not good is refused; the socket stays as it was', async () => {
    const userId = uuidv7();
    const socket = await admitted({ userId });
    expect(await renewed(socket, { token: fixture.token() })).toEqual(refusal('forbidden'));
    expect(await renewed(socket, { token: fixture.token({ userId, seconds: -1 }) })).toEqual(refusal('unauthenticated'));
    expect(await renewed(socket, { token: 'of nobody' })).toEqual(refusal('unauthenticated'));
    for (const body of [[], [{}], [{ token: 7 }], [{ token: 'x', more: 1 }], ['token'], [{ token: 'x' }, {}]])
      expect(await renewed(socket, ...body)).toMatchObject({ ok: false, error: { code: 'validation_failed', status: 400, errors: [{}] } });
    expect(socket.connected).toBe(true);
  });

  it('of another session binds the socket to that one', async () => {
    const [userId, first, second] = [uuidv7(), uuidv7(), uuidv7()];
    const socket = await admitted({ userId, sessionId: first });
    expect(await renewed(socket, { token: fixture.token({ userId, sessionId: second }) })).toMatchObject({ ok: true });
    // Issued before the end of its session, whatever second it is.
    const token = fixture.token({ userId, sessionId: first });
    fixture.signals.send(authApi.signals.revoked, fixture.revocation('session', first));
    await inTheEnd(async () => {
      const again = connectTo(gateway, '/events', { token });
      const outcome = await outcomeOf(again);
      again.disconnect();
      expect(outcome).toMatchObject({ code: 'unauthenticated' });
    });
    expect(socket.connected).toBe(true);
    const end = ended(socket);
    fixture.signals.send(authApi.signals.revoked, fixture.revocation('session', second));
    expect(await end).toBe('io server disconnect');
  });
});

describe('a connection', () => {
  it('is cut by a frame of more than 64 KiB, and by no smaller one', async () => {
    const socket = await admitted();
    socket.emit('anything', 'x'.repeat(64_000));
    expect(await renewed(socket, {})).toEqual(refusal('validation_failed'));
    const cut = ended(socket);
    socket.emit('anything', 'x'.repeat(66_000));
    expect(await cut).toMatch(/^transport /);
  });

  it('is cut by more than 300 events in a second; another of the same user stays', async () => {
    const userId = uuidv7();
    const [flooding, other] = [await admitted({ userId }), await admitted({ userId })];
    const cut = ended(flooding);
    for (let sent = 0; sent < 1_000; sent += 1) flooding.emit('anything', {});
    expect(await cut).toMatch(/^transport /);
    expect(other.connected).toBe(true);
  });

  it('answers 60 events at once, and says of more that they are too many', async () => {
    const socket = await admitted();
    const answers = (await Promise.all(Array.from({ length: 100 }, () => renewed(socket, {})))) as { error: { code: string } }[];
    const limited = answers.filter(({ error }) => error.code === 'rate_limited');
    expect(limited.length).toBeGreaterThan(20);
    expect(limited.length).toBeLessThanOrEqual(40);
    expect(limited[0]).toMatchObject({ ok: false, error: { status: 429, retryAfter: 1, retryable: false } });
  });

  it('of a client that does not read is cut, while others of the same user hear all', async () => {
    const userId = uuidv7();
    const reading = await admitted({ userId });
    let heard = 0;
    reading.on('notification', () => {
      heard += 1;
    });
    const silent = await unreadSocket(fixture.token({ userId }));
    const shown = { userId, notification: { ...aNotification(), userId, body: 'x'.repeat(1_000) } };
    let told = 0;
    await inTheEnd(async () => {
      for (let more = 0; more < 1_000; more += 1) fixture.signals.send(notificationApi.signals.shown, shown);
      told += 1_000;
      expect(await metricOf('only2u_socket_connections_cut_total{reason="slow"}')).toBe(1);
    });
    await inTheEnd(() => expect(heard).toBe(told));
    silent.destroy();
  });
});

const aNotification = (): Notification => ({
  ...{ id: uuidv7(), userId: uuidv7(), category: 'orders', template: 'order_shipped', title: 'On its way', body: '', data: {}, count: 1 },
  ...{ createdAt: new Date().toISOString(), expiresAt: new Date().toISOString() },
});

async function metricOf(line: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((each) => each.startsWith(line))
      ?.slice(line.length) ?? 0,
  );
}

/** A WebSocket in `/events` whose peer never reads again once it is let in. */
async function unreadSocket(token: string): Promise<NetSocket> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const text = Buffer.from(`40/events,${JSON.stringify({ token })}`);
  const head = Buffer.from([0x81, 0x80 | 126, text.length >> 8, text.length & 0xff, 0, 0, 0, 0]);
  let answer = '';
  for await (const bytes of socket.iterator({ destroyOnReturn: false })) {
    if (answer === '') socket.write(Buffer.concat([head, text]));
    answer += String(bytes);
    if (answer.includes('40/events,')) break;
  }
  return socket.pause();
}
