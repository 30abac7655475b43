import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Claims } from '#libs/auth/access-token';
import type { Client } from '#libs/contracts/call';
import type { AnyOperation, UploadOptions } from '#libs/contracts/contract';
import { invalid, Refusal, refuse } from '#libs/contracts/errors';
import type { Forwarded } from '#libs/messaging/bus-client';

/** What the gateway notes on a request on its way. */
export interface EdgeRequest extends FastifyRequest {
  /** Set by the guard for a valid token. */
  caller?: Claims;
  token?: string;
  /** Of the trace that this request began, while traces are made. */
  traceId?: string;
  /** Milliseconds on the bus clock. */
  receivedAt: number;
}
export type EdgeReply = FastifyReply;

const BODY_LIMIT = 102_400;
const AGENT_LIMIT = 200;
/** Keys that advertisers append to links, wherever they stand. */
const TRACKING = new RegExp(
  `^(${[
    ...[
      'utm_.*',
      'gclid',
      'gclsrc',
      'gbraid',
      'wbraid',
      'gad_.*',
      'dclid',
      'srsltid',
      'fbclid',
      'msclkid',
      'ttclid',
      'twclid',
      'li_fat_id',
    ],
    ...['igshid', 'igsh', 'mc_.*', '_gl', '_ga.*', 'yclid', 'epik', 'sccid', 'rdt_cid', 'irclickid', 'ref_src', 'hsa_.*', '_branch_.*'],
    ...['vero_.*', '_hs.*', 'mkt_tok'],
  ].join('|')})$`,
);
const FORM_TYPE = /^multipart\/form-data\s*;/i;
const JSON_TYPE = /^application\/json(\s*;\s*charset="?utf-8"?)?\s*$/i;
/** Any other `X-Device-Id` is none. */
const DEVICE = /^[A-Za-z0-9._-]{16,128}$/;
/** Any other `X-App-Version` is none. */
const APP_VERSION = /^[\x21-\x7e](?:[\x20-\x7e]{0,38}[\x21-\x7e])?$/;
const NO_BODY = Buffer.alloc(0);

/** What an operation's service gets of a request. */
export interface EdgeCall {
  readonly body: Buffer;
  readonly forwarded: Forwarded;
}

/** Reads a request once: its body, query, headers and idempotency key. Throws what is wrong with them. */
export function readCall(request: EdgeRequest, operation: AnyOperation): EdgeCall {
  const body = bodyOf(request, operation);
  const idempotency = operation.idempotent ? keyOf(request, body) : undefined;
  const query = isLinkOfPart(operation) ? queryOfLink(request.url, operation) : queryOf(request.url);
  if (operation.method !== 'GET' && !hasQuery(operation)) refuseKeysOf(query, operation.raw?.query);
  const ifMatch = ifMatchOf(request);
  return {
    body,
    forwarded: {
      requestId: request.id,
      receivedAt: request.receivedAt,
      client: clientOf(request),
      path: request.params as Record<string, string>,
      query,
      ...(operation.access === 'public' || request.token === undefined ? {} : { token: request.token }),
      ...(operation.raw === undefined ? {} : { headers: headersOf(request, operation.raw.headers) }),
      ...(idempotency === undefined ? {} : { idempotency }),
      ...(ifMatch === undefined ? {} : { ifMatch }),
    },
  };
}

function clientOf({ ip, headers }: FastifyRequest): Client {
  const device = headers['x-device-id'];
  const appVersion = headers['x-app-version'];
  return {
    ip,
    agent: (headers['user-agent'] ?? '').slice(0, AGENT_LIMIT),
    ...(typeof device === 'string' && DEVICE.test(device) ? { device } : {}),
    ...(typeof appVersion === 'string' && APP_VERSION.test(appVersion) ? { appVersion } : {}),
  };
}

/** The query as the client sent it, decoded; tracking keys dropped, a repeated key refused. */
export function queryOf(url: string): Record<string, string> {
  const start = url.indexOf('?');
  if (start < 0 || start === url.length - 1) return {};
  const values: Record<string, string> = {};
  for (const pair of url.slice(start + 1).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const key = decoded(equals < 0 ? pair : pair.slice(0, equals));
    if (TRACKING.test(key)) continue;
    if (Object.hasOwn(values, key)) throw invalid([{ path: key, message: 'is given more than once' }]);
    if (key === '__proto__' || key === 'constructor') throw refuse('malformed', 'The query has a key that is not allowed');
    values[key] = decoded(equals < 0 ? '' : pair.slice(equals + 1));
  }
  return values;
}

/** A part comes under a link, and a query that is not that of a link is one that was altered. */
function queryOfLink(url: string, operation: AnyOperation): Record<string, string> {
  try {
    return queryOf(url);
  } catch (error) {
    throw error instanceof Refusal ? linkInvalid(operation) : error;
  }
}

const isLinkOfPart = ({ upload }: AnyOperation): boolean => upload?.as === 'part';
/** What stands in the query is the service's to judge. */
const hasQuery = ({ upload }: AnyOperation): boolean => upload?.as === 'part' || upload?.as === 'text';
const linkInvalid = ({ service }: AnyOperation): Refusal => new Refusal(`${service}.link_invalid`, 'forbidden', 'This link is not good');

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw refuse('malformed', 'The query is not valid percent-encoded UTF-8');
  }
}

/** The body's bytes, once their type and size are what the operation takes. What is inside is the service's to judge. */
function bodyOf(request: FastifyRequest, operation: AnyOperation): Buffer {
  const body = Buffer.isBuffer(request.body) ? request.body : NO_BODY;
  if (request.headers['content-encoding'] !== undefined) throw refuse('unsupported_media_type', 'Compressed bodies are not taken');
  if (operation.upload !== undefined) {
    judgeUpload(request, operation, operation.upload);
    return NO_BODY;
  }
  if (operation.raw !== undefined) {
    if (body.length > operation.raw.maxBytes) throw refuse('payload_too_large');
    return body;
  }
  if (body.length === 0) return body;
  if (operation.method === 'GET') throw refuse('malformed', 'This request takes no body');
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) throw refuse('unsupported_media_type', 'Send application/json');
  if (body.length > BODY_LIMIT) throw refuse('payload_too_large', `A body may have ${BODY_LIMIT} bytes`);
  return body;
}

/** What can be said of a body before any of it is read. The service counts what comes. */
function judgeUpload({ headers }: FastifyRequest, operation: AnyOperation, upload: UploadOptions): void {
  const { as, maxBytes } = upload;
  if (upload.as === 'text' && mediaTypeOf(headers['content-type']) !== upload.mime)
    throw refuse('unsupported_media_type', `Send ${upload.mime}`);
  if (as === 'form' && !FORM_TYPE.test(headers['content-type'] ?? '')) throw refuse('unsupported_media_type', 'Send multipart/form-data');
  if (Number(headers['content-length'] ?? 0) <= maxBytes) return;
  // A part has the length that its link is for.
  throw as === 'part' ? linkInvalid(operation) : refuse('payload_too_large');
}

const mediaTypeOf = (contentType = ''): string => (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();

/** Whether the client sent the header more than once; Node keeps the first and drops the rest in silence. */
export function isRepeated(request: FastifyRequest, header: string): boolean {
  const raw = request.raw.rawHeaders;
  let seen = 0;
  for (let index = 0; index < raw.length; index += 2) if (raw[index]?.toLowerCase() === header) seen += 1;
  return seen > 1;
}

/** `Idempotency-Key` with what a repeat is compared by: method and path as sent, and the body's bytes. */
function keyOf({ headers, method, url }: FastifyRequest, body: Buffer): Forwarded['idempotency'] {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw invalid([{ path: 'Idempotency-Key', message: 'must be 1 to 255 printable ASCII characters' }]);
  }
  const end = url.indexOf('?');
  return { key, route: `${method} ${end < 0 ? url : url.slice(0, end)}`, bodyHash: hash('sha256', body, 'base64url') };
}

function refuseKeysOf(query: Readonly<Record<string, string>>, taken: readonly string[] = []): void {
  const name = Object.keys(query).find((key) => !taken.includes(key));
  if (name !== undefined) throw invalid([{ path: name, message: 'is not a parameter of this request' }]);
}

function headersOf(request: FastifyRequest, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = request.headers[name];
    if (typeof value === 'string') picked[name] = value;
  }
  return picked;
}

/** The `If-Match` value without its quotes. An empty one keeps them: it names a version that no resource has. */
function ifMatchOf(request: FastifyRequest): string | undefined {
  const header = request.headers['if-match'];
  return header === undefined ? undefined : header.replace(/^W\//, '').replace(/^"(.+)"$/, '$1');
}
