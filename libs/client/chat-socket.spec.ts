import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChatSocket } from './chat-socket.ts';
import type { Message } from './chat-types.ts';

/** A gateway that a suite plays: one thread, whose messages it keeps. */
let http: HttpServer;
let io: Server;
let url: string;
let kept: Message[];
/** What becomes of the next events `message:send`; `stored` is stored and answered. */
let fates: ('stored' | 'unanswered' | 'cut' | 'refused')[];
let tokens: string[];
let sockets: Socket[];
const clients: ChatSocket[] = [];
const WAIT = { timeout: 15_000 };

beforeEach(async () => {
  [kept, fates, tokens, sockets] = [[], [], [], []];
  http = createServer();
  io = new Server(http);
  io.of('/chat').on('connection', (socket) => {
    sockets.push(socket);
    tokens.push(String(socket.handshake.auth.token));
    socket.on('auth', ({ token }: { token: string }, answer) => {
      tokens.push(token);
      answer({ ok: true, expiresIn: token === 'short' ? 2 : 900 });
    });
    socket.on('message:send', (body, answer) => {
      const fate = fates.shift() ?? 'stored';
      if (fate === 'refused') return answer({ ok: false, error: { code: 'chat.blocked', status: 403, detail: 'No', retryable: false } });
      const known = kept.find(({ clientMessageId }) => clientMessageId === body.clientMessageId);
      const message = known ?? store(body.clientMessageId, body.body);
      if (fate === 'cut') socket.conn.close();
      else if (fate === 'unanswered') answer({ ok: false, error: { code: 'timeout', status: 504, detail: 'Late', retryable: true } });
      else answer({ ok: true, message, repeated: known !== undefined });
    });
    socket.on('sync', ({ after }: { after: number }, answer) => {
      const above = kept.filter(({ sequence }) => sequence > after);
      const revision = kept.length;
      answer({
        ok: true,
        messages: above.slice(0, 50),
        changed: [],
        more: above.length > 50,
        lastSequence: revision,
        revision,
        receipts: [],
      });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await io.close();
});

function store(clientMessageId: string, body: string): Message {
  const sequence = kept.length + 1;
  const message: Message = {
    ...{ id: `m${sequence}`, threadId: 't', senderId: 'u', clientMessageId, sequence, revision: sequence, type: 'text', body },
    createdAt: new Date().toISOString(),
  };
  kept.push(message);
  return message;
}

function aClient(accessToken: (isSpent: boolean) => string | undefined = () => 'token'): { chat: ChatSocket; shown: Message[] } {
  const chat = new ChatSocket({ baseUrl: url, accessToken });
  clients.push(chat);
  const shown: Message[] = [];
  chat.follow('t', { after: 0, revision: 0 }, { messages: (messages) => void shown.push(...messages), changed: () => undefined });
  return { chat, shown };
}

describe('a client of /chat', () => {
  it('sends each message once and in order, whatever becomes of answers and connections', async () => {
    const { chat, shown } = aClient();
    fates = ['stored', 'unanswered', 'cut', 'stored', 'cut'];
    const texts = Array.from({ length: 8 }, (_, index) => `text ${index}`);
    const answers = await Promise.all(texts.map((body) => chat.send({ threadId: 't', clientMessageId: body, body })));
    expect(kept.map(({ body }) => body)).toEqual(texts);
    expect(answers.map(({ message }) => message.body)).toEqual(texts);
    await vi.waitFor(() => expect(shown).toEqual(kept), WAIT);
  }, 30_000);

  it('is told why a message is not taken, and the next one goes on', async () => {
    const { chat } = aClient();
    fates = ['refused'];
    const refused = chat.send({ threadId: 't', clientMessageId: 'a', body: 'a' });
    const taken = chat.send({ threadId: 't', clientMessageId: 'b', body: 'b' });
    await expect(refused).rejects.toMatchObject({ code: 'chat.blocked', fields: { status: 403 } });
    expect((await taken).message.sequence).toBe(1);
  });

  it('catches up with what came while it was away, in pages, and shows nothing twice', async () => {
    const { chat, shown } = aClient();
    await vi.waitFor(() => expect(chat.isOpen).toBe(true), WAIT);
    for (const socket of sockets) socket.conn.close();
    for (let more = 0; more < 130; more += 1) store(`c${more}`, `text ${more}`);
    await vi.waitFor(() => expect(shown).toEqual(kept), WAIT);
    sockets.at(-1)?.emit('message', kept.at(-1));
    sockets.at(-1)?.emit('message', store('last', 'last'));
    await vi.waitFor(() => expect(shown).toEqual(kept), WAIT);
  }, 30_000);

  it('renews its token before it ends, and comes back with a new one when it has', async () => {
    const given = ['short', 'long'];
    const spent: boolean[] = [];
    const { chat } = aClient((isSpent) => {
      spent.push(isSpent);
      return given[Math.min(spent.filter(Boolean).length, 1)];
    });
    await vi.waitFor(() => expect(tokens).toEqual(['short', 'short', 'long']), WAIT);
    sockets.at(-1)?.disconnect();
    await vi.waitFor(() => expect(tokens.slice(3)).toEqual(['long', 'long']), WAIT);
    expect(chat.isOpen).toBe(true);
    expect(sockets).toHaveLength(2);
  }, 30_000);

  it('ends when nobody is signed in any more', async () => {
    let token: string | undefined = 'token';
    const { chat } = aClient(() => token);
    const states: string[] = [];
    chat.on('state', (state) => states.push(state));
    await vi.waitFor(() => expect(chat.isOpen).toBe(true), WAIT);
    token = undefined;
    sockets.at(-1)?.disconnect();
    await vi.waitFor(() => expect(states.at(-1)).toBe('ended'), WAIT);
    await expect(chat.send({ threadId: 't', clientMessageId: 'a', body: 'a' })).rejects.toMatchObject({ code: 'unavailable' });
  });
});
