/**
 * `node dist/bench/programs/listeners.js`: clients of the namespace `/events`. `POST /open` with `{ url, tokens, each }` opens so many
 * sockets a token; `GET /` says how many are open, and how many have heard of their unread count more than once.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io } from 'socket.io-client';

interface Order {
  readonly url: string;
  readonly tokens: readonly string[];
  readonly each: number;
}

const AT_ONCE = 50;
const state = { open: 0, told: 0, failed: 0, firstAt: 0, lastAt: 0 };

function listen(url: string, token: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = io(`${url}/events`, { transports: ['websocket'], forceNew: true, reconnection: false, auth: { token } });
    let heard = 0;
    socket.on('unread', () => {
      heard += 1;
      // The first is the answer to the connection.
      if (heard === 1) {
        state.open += 1;
        resolve();
      } else if (heard === 2) {
        state.told += 1;
        state.firstAt ||= performance.now();
        state.lastAt = performance.now();
      }
    });
    socket.on('connect_error', () => {
      state.failed += 1;
      resolve();
    });
  });
}

async function open({ url, tokens, each }: Order): Promise<void> {
  const wanted = Array.from({ length: each }, () => tokens).flat();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let token = wanted.pop(); token !== undefined; token = wanted.pop()) await listen(url, token);
    }),
  );
}

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  if (request.method === 'POST') await open(JSON.parse(body) as Order);
  response.end(JSON.stringify({ ...state, spreadMs: state.lastAt - state.firstAt }));
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => process.send?.({ ready: true, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
