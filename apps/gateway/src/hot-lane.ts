import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { AnyOperation } from '#libs/contracts/contract';
import { isTracing } from '#libs/observability/tracing';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { Readiness } from '#libs/runtime/probes';
import { clientAddresses } from './client-address.ts';
import { EDGE_HEADERS, requestIdOf } from './edge-headers.ts';
import { type GatewayEnv, gatewayEnv } from './gateway.env.ts';
import { hotReadsServed } from './gateway.metrics.ts';
import { HOT_CACHE_CONTROL, hotReply, JSON_TYPE } from './hot-answer.ts';
import { HotReads } from './hot-reads.ts';
import { RateLimits } from './rate-limits.ts';
import type { RequestLog } from './request-log.ts';
import type { UntrustedProxy } from './untrusted-proxy.ts';

interface KnownUrl {
  readonly operation: AnyOperation;
  /** Of its answer in `HotReads`. */
  readonly key: string;
}

/** What hears of every request. */
interface Noted {
  readonly requests: RequestLog;
  readonly proxies: UntrustedProxy | undefined;
}

const MAX_URL = 500;
/** What changes how a request is answered, so that it goes the long way. */
const UNUSUAL = ['origin', 'content-length', 'content-encoding', 'transfer-encoding', 'expect', 'upgrade'] as const;

/**
 * Answers reads whose answer is kept before Fastify and Nest see them, which would cost most of such a request. It knows the URLs that the
 * long way has answered, and serves one while its answer is kept, with the same limits, headers, metrics and log line. Whatever is unusual
 * about a request, and all it does not know, goes the long way; `hot-lane.spec.ts` compares the two.
 */
@Injectable()
export class HotLane {
  private readonly known = new LRUCache<string, KnownUrl>({ max: 5_000 });
  private readonly addressOf: (request: IncomingMessage) => string;
  /** What the CORS plugin says of every answer, before anything else, where it is in use. */
  private readonly byOrigin: { readonly vary?: string };

  constructor(
    private readonly hotReads: HotReads,
    private readonly limits: RateLimits,
    private readonly readiness: Readiness,
    @InjectEnvironment(gatewayEnv) env: GatewayEnv,
  ) {
    this.addressOf = clientAddresses(env.TRUST_PROXY);
    this.byOrigin = env.CORS_ORIGINS.length > 0 ? { vary: 'Origin, Accept-Encoding' } : {};
  }

  /** The long way has read this URL as such a read. */
  note(url: string, operation: AnyOperation, key: string): void {
    if (url.length <= MAX_URL) this.known.set(url, { operation, key });
  }

  /** Puts itself before the server's listener. */
  standBefore(server: Server, noted: Noted): void {
    // Fastify's own, the only one there is until sockets are served.
    const [longWay] = server.listeners('request') as RequestListener[];
    if (longWay === undefined) throw new Error('the server has no listener to stand before');
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      if (!this.serve(request, response, noted)) longWay(request, response);
    });
  }

  /** False: it has done nothing, and the request goes the long way. */
  private serve(request: IncomingMessage, response: ServerResponse, { requests, proxies }: Noted): boolean {
    const { method, url = '', headers } = request;
    const known = method === 'GET' ? this.known.get(url) : undefined;
    if (known === undefined || isTracing() || this.readiness.isDraining || !isUsual(request)) return false;
    const answer = this.hotReads.kept(known.key);
    if (answer === undefined) return false;
    const { encoding, etag, isKnown } = hotReply(answer, headers);
    const body = isKnown ? undefined : answer.content.ready(encoding);
    const address = this.addressOf(request);
    if ((body === undefined && !isKnown) || !this.limits.takesAtOnce(known.operation, address)) return false;
    const began = performance.now();
    const requestId = requestIdOf(request);
    proxies?.note(request);
    hotReadsServed.inc();
    const status = isKnown ? 304 : known.operation.status;
    response.once('finish', () =>
      requests.noteAnswer(known.operation, {
        ...{ method: 'GET', route: known.operation.path, status, ms: performance.now() - began },
        ...{ bytes: body?.length, address, requestId },
      }),
    );
    response.writeHead(status, {
      ...this.byOrigin,
      'x-request-id': requestId,
      ...EDGE_HEADERS,
      vary: this.byOrigin.vary ?? 'Accept-Encoding',
      etag,
      'cache-control': HOT_CACHE_CONTROL,
      ...(body === undefined || encoding === undefined ? {} : { 'content-encoding': encoding }),
      ...(body === undefined ? {} : { 'content-type': JSON_TYPE, 'content-length': body.length }),
    });
    response.end(body);
    return true;
  }
}

const isUsual = ({ headers, httpVersion }: IncomingMessage): boolean =>
  httpVersion === '1.1' && headers.host !== undefined && !UNUSUAL.some((name) => headers[name] !== undefined);
