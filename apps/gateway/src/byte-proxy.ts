import { Agent, type ClientRequest, type IncomingMessage, request as send } from 'node:http';
import type { Readable } from 'node:stream';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { AnyOperation } from '#libs/contracts/contract';
import { type Refusal, refuse } from '#libs/contracts/errors';
import { BusClient, type Forwarded } from '#libs/messaging/bus-client';
import { Presence } from '#libs/messaging/presence';
import type { Replica } from '#libs/messaging/replica';
import { fromWire, type WireError } from '#libs/messaging/wire-error';
import { byteRoute, ENVELOPE_HEADER, REFUSAL_HEADER } from '#libs/runtime/byte-routes';
import { addVary } from './compression.ts';
import type { EdgeReply, EdgeRequest } from './edge-request.ts';

/** What the service decides by, beside the envelope. */
const REQUEST_HEADERS = ['accept', 'range', 'if-range', 'if-none-match'] as const;
const BODY_HEADERS = ['content-type', 'content-length'] as const;
const ANSWER_HEADERS = [
  ...['content-type', 'content-length', 'content-disposition', 'content-range', 'content-security-policy', 'accept-ranges'],
  ...['cache-control', 'etag', 'idempotency-replayed'],
] as const;
/** Between two bytes of an upload. */
const IDLE_MS = 20_000;
/** What a service says of its own refusals is short. */
const MAX_VALUE_BYTES = 1_048_576;

/** Streams bytes from and to the owning service's own port: they cross neither Redis nor this process' memory. */
@Injectable()
export class ByteProxy implements OnApplicationShutdown {
  private readonly agent = new Agent({ keepAlive: true, keepAliveMsecs: 10_000, maxFreeSockets: 64, timeout: 60_000 });
  private next = 0;

  constructor(
    private readonly bus: BusClient,
    private readonly presence: Presence,
  ) {}

  onApplicationShutdown(): void {
    this.agent.destroy();
  }

  async send(operation: AnyOperation, forwarded: Forwarded, request: EdgeRequest, reply: EdgeReply): Promise<void> {
    const replica = await this.replicaFor(operation);
    const upstream = this.ask(operation, forwarded, request, replica);
    // Whoever asked is gone, and so is the reason for going on.
    reply.raw.once('close', () => upstream.destroy());
    const answer = await answerTo(upstream, operation, request);
    const status = answer.statusCode ?? 500;
    for (const header of ANSWER_HEADERS) {
      const value = answer.headers[header];
      if (value !== undefined) reply.header(header, value);
    }
    if (answer.headers.vary !== undefined) addVary(reply, answer.headers.vary);
    if (status >= 400) throw await this.refusalIn(answer, upstream, reply);
    if (!operation.bytes) return sendValue(await wholeOf(answer), status, reply);
    await sendBytes(answer, status, reply);
  }

  /** Over the answer of a service that has ended the exchange before the body was there. */
  private async refusalIn(answer: IncomingMessage, upstream: ClientRequest, reply: EdgeReply): Promise<Refusal> {
    const body = await wholeOf(answer);
    if (!upstream.writableFinished) upstream.destroy();
    for (const header of ['content-length', 'content-disposition', 'etag', 'accept-ranges']) reply.removeHeader(header);
    const inHeader = answer.headers[REFUSAL_HEADER];
    const wire = typeof inHeader === 'string' ? Buffer.from(inHeader, 'base64url') : body;
    return fromWire(JSON.parse(wire.toString()) as WireError);
  }

  private ask(operation: AnyOperation, forwarded: Forwarded, request: EdgeRequest, replica: Replica): ClientRequest {
    const names = operation.upload === undefined ? REQUEST_HEADERS : BODY_HEADERS;
    const headers: Record<string, string | string[]> = {
      [ENVELOPE_HEADER]: this.bus.sealForBytes(operation, forwarded, replica.instance, request.caller),
    };
    for (const name of names) {
      const value = request.headers[name];
      if (value !== undefined) headers[name] = value;
    }
    const method = operation.upload !== undefined ? 'POST' : request.method === 'HEAD' ? 'HEAD' : 'GET';
    return send(`${replica.url}${byteRoute(operation)}`, { method, headers, agent: this.agent });
  }

  private async replicaFor({ service }: AnyOperation): Promise<Replica> {
    const replicas = await this.presence.replicasOf(service).catch(() => []);
    // Of two at one address the other is gone: it died, and is announced for a while.
    const latest = new Map(replicas.toSorted((one, other) => one.at - other.at).map((each) => [each.url, each]));
    const ready = [...latest.values()].filter((candidate) => candidate.ready);
    this.next += 1;
    const replica = ready[this.next % ready.length];
    if (replica === undefined) throw away(service);
    return replica;
  }
}

const away = (service: string): Refusal => refuse('unavailable', `${service} is not available right now`);

/** The head of the answer. The service has its time from the end of the body on, and the body may take its own as long as it moves. */
async function answerTo(upstream: ClientRequest, operation: AnyOperation, request: EdgeRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  upstream.once('response', resolve);
  upstream.on('error', () => reject(away(operation.service)));
  let timer: NodeJS.Timeout | undefined;
  const waitFor = (milliseconds: number, why: () => Refusal): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      reject(why());
      upstream.destroy();
    }, milliseconds);
  };
  const waitForAnswer = (): void => waitFor(operation.timeoutMs, () => refuse('timeout'));
  const waitForBytes = (): void => waitFor(IDLE_MS, () => refuse('malformed', 'The body did not come in time'));
  const { raw } = request;
  if (operation.upload === undefined) {
    upstream.end();
    waitForAnswer();
  } else {
    waitForBytes();
    raw.on('data', waitForBytes).once('end', waitForAnswer);
    raw.pipe(upstream);
  }
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    raw.off('data', waitForBytes).off('end', waitForAnswer).unpipe(upstream);
  }
}

async function wholeOf(answer: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_VALUE_BYTES) throw new Error('a service answered more than there is room for');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function sendValue(body: Buffer, status: number, reply: EdgeReply): void {
  reply.status(status).header('cache-control', 'no-store');
  if (status === 204) void reply.removeHeader('content-length').send();
  else void reply.send(body);
}

/** At the pace of the client. When the service breaks off, so does this answer: a part must not pass for the whole. */
async function sendBytes(answer: IncomingMessage, status: number, reply: EdgeReply): Promise<void> {
  reply.status(status);
  if (status === 304) {
    answer.resume();
    await reply.send();
  } else await reply.send(answer);
}
