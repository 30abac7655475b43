import type { Socket } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chatApi } from '#libs/contracts/chat/api';
import type { Message, Thread } from '#libs/contracts/chat/views';
import { invalid, Refusal, refuse } from '#libs/contracts/errors';
import { UserPresence } from '#libs/messaging/user-presence';
import { inTheEnd } from '#libs/testing/builders';
import type { PlayedService } from '#libs/testing/played-service';
import { GatewayFixture, type GatewayProcess, START_LIMIT_MS, type TokenOptions } from './gateway-fixture.ts';
import { connectTo, outcomeOf } from './socket-clients.ts';

/** Clients at two gateways that share nothing but Redis, with a chat service that the suite plays. */
let fixture: GatewayFixture;
let one: GatewayProcess;
let two: GatewayProcess;
let chat: PlayedService;
const opened: Socket[] = [];
/** Whose threads these are, as chat knows it. */
const members = new Map<string, readonly string[]>();
/** What chat was asked to send, in order. */
const asked: string[] = [];

beforeAll(async () => {
  fixture = await GatewayFixture.start();
  chat = await fixture.service('chat', {
    'chat.send': ({ threadId, body }) => {
      if (typeof threadId !== 'string') throw invalid([{ path: 'threadId', message: 'must be a UUID' }]);
      if (body === 'blocked') throw new Refusal('chat.blocked', 'forbidden', 'You cannot write here');
      asked.push(String(body));
      return { message: aMessage(threadId, asked.length), repeated: false };
    },
    'chat.typing': ({ threadId }) => ({ userIds: membersOf(threadId) }),
    'chat.watch': ({ threadId }) => void membersOf(threadId),
    'chat.peers': () => ({ userIds: [...members.values()].flat() }),
    'chat.presence': async ({ userIds }) => {
      const seen = await presence().of(userIds as string[]);
      const items = seen.map(({ online, lastSeen }, index) => ({
        userId: (userIds as string[])[index],
        online,
        lastSeen: lastSeen === undefined ? null : new Date(lastSeen).toISOString(),
      }));
      return { items };
    },
  });
  [one, two] = await Promise.all([fixture.gateway(), fixture.gateway()]);
}, START_LIMIT_MS);
afterEach(() => {
  for (const socket of opened.splice(0)) socket.disconnect();
});
afterAll(() => fixture?.stop());

const presence = (): UserPresence => new UserPresence(fixture.bus.commands, () => fixture.bus.clock.now());

function membersOf(threadId: unknown): readonly string[] {
  const userIds = members.get(String(threadId));
  if (userIds === undefined) throw refuse('not_found');
  return userIds;
}

const aMessage = (threadId: string, sequence: number, senderId: string = uuidv7()): Message => ({
  ...{
    id: uuidv7(),
    threadId,
    senderId,
    clientMessageId: `c${sequence}`,
    sequence,
    revision: sequence,
    type: 'text',
    body: `number ${sequence}`,
  },
  createdAt: new Date().toISOString(),
});

const aSupportThread = (id: string): Thread => ({
  ...{ id, kind: 'support', status: 'open', subject: 'Where is it?', participants: [], lastMessage: null, lastSequence: 0, revision: 0 },
  ...{ unreadCount: 0, createdAt: new Date().toISOString(), updatedAt: new Date().toISOString() },
});

interface Client {
  readonly socket: Socket;
  readonly heard: { readonly event: string; readonly news: Record<string, unknown> }[];
}

async function admitted(gateway: GatewayProcess, token: TokenOptions): Promise<Client> {
  const socket = connectTo(gateway, '/chat', { token: fixture.token(token) });
  opened.push(socket);
  const heard: Client['heard'] = [];
  socket.onAny((event: string, news: Record<string, unknown>) => heard.push({ event, news }));
  expect(await outcomeOf(socket)).toEqual({ connected: true });
  return { socket, heard };
}

const ask = ({ socket }: Client, event: string, ...body: unknown[]): Promise<Record<string, unknown>> =>
  socket.timeout(6_000).emitWithAck(event, ...body);
const newsOf = ({ heard }: Client, event: string): Record<string, unknown>[] =>
  heard.filter((each) => each.event === event).map(({ news }) => news);
const sequencesOf = (client: Client): unknown[] => newsOf(client, 'message').map(({ sequence }) => sequence);

/** Two members at two gateways and somebody else at each. */
async function aThread(): Promise<{ threadId: string; userIds: [string, string]; member: Client; peer: Client; strangers: Client[] }> {
  const threadId = uuidv7();
  const userIds: [string, string] = [uuidv7(), uuidv7()];
  members.set(threadId, userIds);
  const [member, peer, ...strangers] = await Promise.all([
    admitted(one, { userId: userIds[0] }),
    admitted(two, { userId: userIds[1] }),
    admitted(one, {}),
    admitted(two, {}),
  ]);
  return { threadId, userIds, member, peer, strangers };
}

describe('an event', () => {
  it('is answered with what its operation answers, or with the code that REST has', async () => {
    const { threadId, member } = await aThread();
    expect(await ask(member, 'message:send', { threadId, clientMessageId: 'a', body: 'hello' })).toMatchObject({
      ok: true,
      message: { threadId },
      repeated: false,
    });
    expect(await ask(member, 'message:send', { threadId, clientMessageId: 'b', body: 'blocked' })).toEqual({
      ok: false,
      error: { code: 'chat.blocked', status: 403, detail: 'You cannot write here', retryable: false },
    });
    expect(await ask(member, 'watch', { threadId, watch: true })).toMatchObject({ ok: false, error: { code: 'forbidden', status: 403 } });
  });

  it.each([
    ['that nobody knows', 'message:steal', [{}]],
    ['of socket.io itself', 'error', [{}]],
    ['without an object', 'message:send', []],
    ['with a text', 'message:send', ['hello']],
    ['with a list', 'message:send', [[]]],
    ['with two objects', 'message:send', [{}, {}]],
  ])('%s is not taken', async (_case, event, body) => {
    const client = await admitted(one, {});
    expect(await ask(client, event, ...body)).toMatchObject({
      ok: false,
      error: { code: 'validation_failed', status: 400, errors: [{ path: '' }] },
    });
    expect(client.socket.connected).toBe(true);
  });

  it.each([
    ['a thread that is no text', 'message:send', '{"threadId":{"toString":1},"clientMessageId":"a","body":"b"}', 'validation_failed'],
    ['lists in lists', 'sync', `{"a":${'['.repeat(6_000)}${']'.repeat(6_000)}}`, 'malformed'],
    ['a prototype', 'typing', '{"threadId":"a","typing":true,"__proto__":{}}', 'malformed'],
    ['a prototype', 'auth', '{"token":"a","__proto__":{}}', 'malformed'],
  ])('with %s (%s) is refused', async (_case, event, json, code) => {
    const client = await admitted(one, {});
    const answer = new Promise((resolve) => client.socket.io.on('packet', ({ type, data }) => Number(type) === 3 && resolve(data)));
    // Written as it goes over the wire: no client library nests so deep.
    client.socket.io.engine.write(`2/chat,7["${event}",${json}]`);
    expect(await answer).toMatchObject([{ ok: false, error: { code, status: 400 } }]);
  });

  it('needs no acknowledgement, and messages of a socket are stored in the order they were written', async () => {
    const { threadId, member } = await aThread();
    asked.length = 0;
    const texts = Array.from({ length: 12 }, (_, index) => `in turn ${index}`);
    for (const body of texts) member.socket.emit('message:send', { threadId, clientMessageId: body, body });
    await inTheEnd(() => expect(asked).toEqual(texts));
  });
});

describe('a message', () => {
  it('reaches the members on both gateways in rising order and once, not the socket that sent it, and nobody else', async () => {
    const { threadId, userIds, member, peer, strangers } = await aThread();
    const second = await admitted(two, { userId: userIds[0] });
    for (const sequence of [1, 3, 2, 2, 5, 4, 1])
      fixture.signals.send(chatApi.signals.sent, { message: aMessage(threadId, sequence, userIds[0]), userIds, ...socketOf(member) });
    await inTheEnd(() => {
      expect(sequencesOf(peer)).toEqual([1, 2, 3, 4, 5]);
      expect(sequencesOf(second)).toEqual([1, 2, 3, 4, 5]);
    });
    expect(sequencesOf(member)).toEqual([]);
    for (const stranger of strangers) expect(sequencesOf(stranger)).toEqual([]);
  });

  it('that is lost leaves a jump, and does not come late', async () => {
    const { threadId, userIds, peer } = await aThread();
    for (const sequence of [1, 3]) fixture.signals.send(chatApi.signals.sent, { message: aMessage(threadId, sequence), userIds });
    await inTheEnd(() => expect(sequencesOf(peer)).toEqual([1, 3]));
    for (const sequence of [2, 4]) fixture.signals.send(chatApi.signals.sent, { message: aMessage(threadId, sequence), userIds });
    await inTheEnd(() => expect(sequencesOf(peer)).toEqual([1, 3, 4]));
  });
});

const socketOf = ({ socket }: Client): { socket: string } => ({ socket: socket.id ?? '' });

describe('typing', () => {
  it('is told to the others in the thread, at most every two seconds, and ends by itself', async () => {
    const { threadId, userIds, member, peer, strangers } = await aThread();
    const began = performance.now();
    for (let times = 0; times < 5; times += 1) expect(await ask(member, 'typing', { threadId, typing: true })).toEqual({ ok: true });
    const typing = { threadId, userId: userIds[0] };
    await inTheEnd(() => expect(newsOf(peer, 'typing')).toEqual([{ ...typing, typing: true }]));
    await inTheEnd(() => expect(newsOf(peer, 'typing').at(-1)).toEqual({ ...typing, typing: false }));
    expect(performance.now() - began).toBeGreaterThan(5_000);
    expect(newsOf(peer, 'typing')).toHaveLength(2);
    for (const client of [member, ...strangers]) expect(newsOf(client, 'typing')).toEqual([]);
  });

  it('ends with a message, with a word, and with leaving', async () => {
    const { threadId, userIds, member, peer } = await aThread();
    const ends: (() => unknown)[] = [
      () => fixture.signals.send(chatApi.signals.sent, { message: aMessage(threadId, 1, userIds[0]), userIds }),
      () => ask(member, 'typing', { threadId, typing: false }),
      () => member.socket.disconnect(),
    ];
    for (const [index, end] of ends.entries()) {
      await ask(member, 'typing', { threadId, typing: true });
      await inTheEnd(() => expect(newsOf(peer, 'typing')).toHaveLength(2 * index + 1));
      await end();
      await inTheEnd(() => expect(newsOf(peer, 'typing')).toHaveLength(2 * index + 2), 4_000);
      expect(newsOf(peer, 'typing').at(-1)).toMatchObject({ typing: false });
    }
  });

  it('in a foreign thread is refused', async () => {
    const stranger = await admitted(one, {});
    for (const typing of [true, false])
      expect(await ask(stranger, 'typing', { threadId: uuidv7(), typing })).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });
});

describe('staff', () => {
  it('hear of the threads that they watch, of up to 20, and of each support thread', async () => {
    const { threadId, userIds } = await aThread();
    const support = await admitted(two, { roles: ['support'] });
    const watch = (id: string): Promise<unknown> => ask(support, 'watch', { threadId: id, watch: true });
    expect(await watch(threadId)).toEqual({ ok: true });
    fixture.signals.send(chatApi.signals.sent, { message: aMessage(threadId, 1), userIds });
    await inTheEnd(() => expect(sequencesOf(support)).toEqual([1]));
    expect(await ask(support, 'watch', { threadId, watch: false })).toEqual({ ok: true });
    for (let more = 0; more < 20; more += 1) {
      const id = uuidv7();
      members.set(id, []);
      expect(await watch(id)).toEqual({ ok: true });
    }
    expect(await watch(threadId)).toMatchObject({ ok: false, error: { code: 'conflict' } });
    fixture.signals.send(chatApi.signals.threadChanged, { thread: aSupportThread(threadId), userIds: [], staff: true });
    await inTheEnd(() => expect(newsOf(support, 'thread')).toHaveLength(1));
  });

  it('hear no more of what they watched when their new token is of no staff', async () => {
    const { threadId, userIds, peer } = await aThread();
    const userId = uuidv7();
    const support = await admitted(two, { userId, roles: ['support'] });
    expect(await ask(support, 'watch', { threadId, watch: true })).toEqual({ ok: true });
    expect(await ask(support, 'auth', { token: fixture.token({ userId, roles: [] }) })).toMatchObject({ ok: true });
    fixture.signals.send(chatApi.signals.sent, { message: aMessage(threadId, 1), userIds });
    await inTheEnd(() => expect(sequencesOf(peer)).toEqual([1]));
    // Its answer comes after whatever was told before.
    await ask(support, 'watch', { threadId, watch: false });
    expect(sequencesOf(support)).toEqual([]);
  });
});

describe('presence', () => {
  const toldOf = (client: Client, userId: string): unknown[] => newsOf(client, 'presence').filter((news) => news.userId === userId);

  it('is told when somebody has been away for five seconds on every gateway, and when they come', async () => {
    const { userIds, member, peer } = await aThread();
    const [userId] = userIds;
    const second = await admitted(two, { userId });
    member.socket.disconnect();
    const left = performance.now();
    second.socket.disconnect();
    await inTheEnd(() => expect(toldOf(peer, userId).at(-1)).toMatchObject({ online: false, lastSeen: expect.any(String) }));
    expect(performance.now() - left).toBeGreaterThan(5_000);
    expect(performance.now() - left).toBeLessThan(10_000);
    await admitted(one, { userId });
    await inTheEnd(() => expect(toldOf(peer, userId).at(-1)).toEqual({ userId, online: true, lastSeen: null }));
  });

  it('is not told where somebody has only changed their connection', async () => {
    const later = uuidv7();
    members.set(uuidv7(), [later]);
    const { userIds, member, peer } = await aThread();
    const before = toldOf(peer, userIds[0]).length;
    member.socket.disconnect();
    await admitted(two, { userId: userIds[0] });
    const leaver = await admitted(two, { userId: later });
    await inTheEnd(() => expect(presence().of([later])).resolves.toMatchObject([{ online: true }]));
    leaver.socket.disconnect();
    await inTheEnd(() => expect(toldOf(peer, later).at(-1)).toMatchObject({ online: false }));
    expect(toldOf(peer, userIds[0]).slice(before)).not.toContainEqual(expect.objectContaining({ online: false }));
  }, 30_000);

  it('dies with its gateway, and comes back after all of Redis was lost', async () => {
    const third = await fixture.gateway();
    const threadId = uuidv7();
    const userIds = [uuidv7(), uuidv7()] as const;
    members.set(threadId, userIds);
    const peer = await admitted(two, { userId: userIds[1] });
    await admitted(third, { userId: userIds[0] });
    await inTheEnd(() => expect(toldOf(peer, userIds[0]).at(-1)).toMatchObject({ online: true }));
    await fixture.redis.withClient((redis) => redis.flushall());
    await inTheEnd(async () => expect(await presence().of([userIds[0]])).toEqual([{ online: true, lastSeen: undefined }]));
    third.process.kill('SIGKILL');
    await inTheEnd(() => expect(toldOf(peer, userIds[0]).at(-1)).toMatchObject({ online: false }), 60_000);
  }, 120_000);
});

describe('without chat', () => {
  it('an event is unavailable, within five seconds', async () => {
    await chat.silence();
    const client = await admitted(one, {});
    const began = performance.now();
    expect(await ask(client, 'sync', { threadId: uuidv7(), after: 0 })).toMatchObject({ ok: false, error: { retryable: true } });
    expect(performance.now() - began).toBeLessThan(5_500);
  });
});
