/**
 * `node dist/bench/programs/chatters.js`: the two members of a thread at namespace `/chat`. `POST /` with `{ url, tokens, threadId, sockets }`
 * opens so many sockets in all; with `{ messages, inFlight }` the first socket of each member sends, and the answer comes once every socket
 * has each message: how long acknowledgements took, in milliseconds, and the last news.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io, type Socket } from 'socket.io-client';

interface Opening {
  readonly url: string;
  readonly tokens: readonly string[];
  readonly threadId: string;
  readonly sockets: number;
}

interface Sending {
  readonly messages: number;
  readonly inFlight: number;
}

const AT_ONCE = 50;
const sockets: Socket[] = [];
let threadId = '';
/** By all sockets together, of what others sent. */
let heard = 0;

function opened(url: string, token: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = io(`${url}/chat`, { transports: ['websocket'], forceNew: true, reconnection: false, auth: { token } });
    socket.on('message', () => {
      heard += 1;
    });
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', reject);
  });
}

async function open(wanted: Opening): Promise<object> {
  threadId = wanted.threadId;
  while (sockets.length < wanted.sockets) {
    const count = Math.min(AT_ONCE, wanted.sockets - sockets.length);
    const from = sockets.length;
    const tokens = Array.from({ length: count }, (_, index) => wanted.tokens[(from + index) % wanted.tokens.length] ?? '');
    sockets.push(...(await Promise.all(tokens.map((token) => opened(wanted.url, token)))));
  }
  return { open: sockets.length };
}

async function send({ messages, inFlight }: Sending): Promise<object> {
  heard = 0;
  const latencies: number[] = [];
  let left = messages;
  const lane = async (sender: Socket): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const began = performance.now();
      const answer = await sender.emitWithAck('message:send', { threadId, clientMessageId: randomUUID(), body: 'Does it come in blue?' });
      if (answer.ok !== true) throw new Error(JSON.stringify(answer));
      latencies.push(performance.now() - began);
    }
  };
  const senders = sockets.slice(0, 2);
  await Promise.all(Array.from({ length: inFlight }, (_, index) => lane(senders[index % senders.length] as Socket)));
  // The socket that sends has its acknowledgement.
  while (heard < messages * (sockets.length - 1)) await new Promise((resolve) => setTimeout(resolve, 2));
  return { latencies };
}

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const asked = JSON.parse(body) as Opening | Sending;
  const answer = await ('url' in asked ? open(asked) : send(asked)).catch((error: Error) => ({ error: error.message }));
  response.end(JSON.stringify(answer));
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => process.send?.({ ready: true, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
