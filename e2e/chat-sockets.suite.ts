import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { describe, expect, it } from 'vitest';
import { ChatSocket } from '#libs/client/chat-socket';
import type { Message } from '#libs/client/chat-types';
import { eventually, inTheEnd } from '#libs/testing/builders';
import type { Customer, Shop } from './shop.ts';

const EACH = 500;

/** Chat by socket: two gateways, of which one dies, with the client that apps use. */
export function chatSocketsSuite(open: () => Shop): void {
  describe('two people in a thread', () => {
    it('have all messages once and in one order on every client, though a gateway and a chat service are killed in between', async () => {
      const shop = open();
      const [meera, arjun] = [await shop.register(), await shop.register()];
      const threadId = await threadOf(meera, arjun);
      const second = await shop.stack.addReplica('gateway');
      const urls = [shop.url, `http://127.0.0.1:${second.port}`] as const;
      const one = following(urls[0], meera, threadId);
      const other = following(urls[1], arjun, threadId);
      const clients = [one, other, following(urls[1], meera, threadId)];
      try {
        const sends = ({ chat }: Following, name: string): Promise<unknown>[] =>
          Array.from({ length: EACH }, (_, index) =>
            chat.send({ threadId, clientMessageId: `${name}-${index}`, body: `${name} ${index}` }),
          );
        const sent = [...sends(one, 'meera'), ...sends(other, 'arjun')];
        await eventually(() => one.shown.length > EACH / 2, 120_000);
        await Promise.all([second.kill(), shop.stack.process('chat').kill()]);
        await Promise.all(sent);
        await inTheEnd(() => {
          for (const { shown } of clients) expect(shown).toHaveLength(2 * EACH);
        }, 120_000);
        const history = await historyOf(arjun, threadId);
        for (const { shown } of clients) expect(shown.map(({ id }) => id)).toEqual(history.map(({ id }) => id));
        expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, index) => index + 1));
        for (const name of ['meera', 'arjun'])
          expect(history.filter(({ body }) => body.startsWith(name)).map(({ body }) => body)).toEqual(
            Array.from({ length: EACH }, (_, index) => `${name} ${index}`),
          );
      } finally {
        for (const { chat } of clients) chat.close();
        await shop.stack.removeReplica(second.name);
      }
    }, 400_000);

    it('see each other come, type, edit and read; the count of what is unread is on every page', async () => {
      const shop = open();
      const [meera, arjun] = [await shop.register(), await shop.register()];
      const threadId = await threadOf(meera, arjun);
      const [one, other] = [following(shop.url, meera, threadId), following(shop.url, arjun, threadId)];
      const badges: { chat: number; version: number }[] = [];
      const page = io(`${shop.url}/events`, { auth: { token: arjun.token }, transports: ['websocket'], forceNew: true });
      page.on('unread', (badge) => badges.push(badge));
      const heard: unknown[] = [];
      for (const event of ['typing', 'receipt'] as const) one.chat.on(event, (news) => heard.push({ event, ...news }));
      try {
        await inTheEnd(() => expect([badges.length > 0, one.chat.isOpen, other.chat.isOpen]).toEqual([true, true, true]));
        const { message } = await one.chat.send({ threadId, clientMessageId: 'first', body: 'Hello' });
        await inTheEnd(() => expect(badges.at(-1)).toMatchObject({ chat: 1 }));
        expect(badges.map(({ version }) => version)).toEqual(badges.map(({ version }) => version).toSorted((a, b) => a - b));
        await other.chat.ask('typing', { threadId, typing: true });
        await inTheEnd(() => expect(heard).toContainEqual({ event: 'typing', threadId, userId: arjun.user.id, typing: true }));
        await other.chat.ask('message:read', { threadId, sequence: 1 });
        await inTheEnd(() => expect(heard).toContainEqual({ event: 'receipt', threadId, userId: arjun.user.id, delivered: 1, read: 1 }));
        await inTheEnd(() => expect(badges.at(-1)).toMatchObject({ chat: 0 }));
        const path = { id: message.id };
        await meera.api.PATCH('/api/chat/messages/{id}', { params: { path }, body: { body: 'Hello Arjun' } });
        await inTheEnd(() => expect(other.shown).toMatchObject([{ body: 'Hello Arjun', revision: 2 }]));
        const { items } = await other.chat.ask('presence', { userIds: [meera.user.id, randomUUID()] });
        expect(items).toEqual([{ userId: meera.user.id, online: true, lastSeen: null }]);
      } finally {
        for (const { chat } of [one, other]) chat.close();
        page.disconnect();
      }
    }, 60_000);

    it('are heard by nobody else, whatever that one asks', async () => {
      const shop = open();
      const [meera, arjun, stranger] = [await shop.register(), await shop.register(), await shop.register()];
      const threadId = await threadOf(meera, arjun);
      const [one, other] = [following(shop.url, meera, threadId), following(shop.url, arjun, threadId)];
      const spy = io(`${shop.url}/chat`, { auth: { token: stranger.token }, transports: ['websocket'], forceNew: true });
      const heard: unknown[] = [];
      spy.onAny((...news: unknown[]) => heard.push(news));
      try {
        for (const id of [threadId, randomUUID()]) {
          const asked: [string, object][] = [
            ['sync', { threadId: id, after: 0 }],
            ['message:send', { threadId: id, clientMessageId: 'a', body: 'a' }],
            ['message:read', { threadId: id, sequence: 1 }],
            ['message:delivered', { threadId: id, sequence: 1 }],
            ['typing', { threadId: id, typing: true }],
            ['typing', { threadId: id, typing: false }],
          ];
          for (const [event, body] of asked) expect(await ask(spy, event, body)).toMatchObject({ ok: false, error: { code: 'not_found' } });
          expect(await ask(spy, 'watch', { threadId: id, watch: true })).toMatchObject({ ok: false, error: { code: 'forbidden' } });
        }
        expect(await ask(spy, 'presence', { userIds: [meera.user.id, arjun.user.id] })).toEqual({ ok: true, items: [] });
        await one.chat.send({ threadId, clientMessageId: 'first', body: 'Hello' });
        await other.chat.ask('typing', { threadId, typing: true });
        await other.chat.ask('message:read', { threadId, sequence: 1 });
        await other.chat.send({ threadId, clientMessageId: 'second', body: 'Goodbye' });
        await inTheEnd(() => expect([one.shown.length, other.shown.length]).toEqual([2, 2]));
        other.chat.close();
        await ask(spy, 'presence', { userIds: [] });
        expect(heard).toEqual([]);
      } finally {
        for (const { chat } of [one, other]) chat.close();
        spy.disconnect();
      }
    }, 60_000);
  });
}

const ask = (socket: Socket, event: string, body: object): Promise<unknown> => socket.timeout(10_000).emitWithAck(event, body);

interface Following {
  readonly chat: ChatSocket;
  readonly shown: Message[];
}

function following(baseUrl: string, { token }: Customer, threadId: string): Following {
  const chat = new ChatSocket({ baseUrl, accessToken: () => token });
  const shown: Message[] = [];
  chat.follow(
    threadId,
    { after: 0, revision: 0 },
    {
      messages: (messages) => void shown.push(...messages),
      changed: (messages) => {
        for (const message of messages) shown[message.sequence - 1] = message;
      },
    },
  );
  return { chat, shown };
}

async function threadOf({ api }: Customer, { user }: Customer): Promise<string> {
  const { data, error } = await api.POST('/api/chat/threads', { params: {}, body: { kind: 'direct', participantIds: [user.id] } });
  if (data === undefined) throw new Error(`no thread: ${JSON.stringify(error)}`);
  return data.id;
}

/** All of it, page by page. */
async function historyOf({ api }: Customer, threadId: string): Promise<{ id: string; sequence: number; body: string }[]> {
  const all: { id: string; sequence: number; body: string }[] = [];
  for (let more = true; more; ) {
    const { data } = await api.GET('/api/chat/threads/{threadId}/messages', {
      params: { path: { threadId }, query: { after: all.at(-1)?.sequence ?? 0, limit: 100 } },
    });
    if (data === undefined) throw new Error('no history');
    all.push(...data.items);
    more = data.hasMore;
  }
  return all;
}
