import type { FastifyInstance } from 'fastify';
import type { AnyContract, AnyOperation } from '#libs/contracts/contract';
import type { Logger } from '#libs/observability/logger';
import { httpSeconds } from '#libs/observability/metrics';
import { shortenedAddress } from './client-address.ts';
import type { EdgeReply, EdgeRequest } from './edge-request.ts';

/** A read that takes longer is logged whatever the sample says. */
const SLOW_MS = 1_000;
/** What requests that reach no operation are counted under. */
const NO_OPERATION = 'none';
/** Answers of guard, router and parser, which have a sample from the start so that their first one rings. */
const REFUSALS = ['400', '401', '403', '404', '405', '413', '415', '429', '500', '503'];
const PROBES = /^\/(health\/(live|ready)|metrics)$/;

/** What is said of an answer. */
interface Answered {
  readonly method: string;
  /** The route's pattern. */
  readonly route: string | undefined;
  readonly status: number;
  readonly ms: number;
  readonly bytes: number | undefined;
  readonly userId?: string | undefined;
  readonly address: string;
  readonly requestId: string;
  readonly traceId?: string | undefined;
}

/**
 * Counts and logs every request at the edge, also those that the guard, the router or the parser refuses. A line names the route's pattern
 * and no value of it: no path as sent, no query, no token, no whole address.
 */
export class RequestLog {
  private readonly operations = new Map<string, AnyOperation>();

  constructor(
    contracts: readonly AnyContract[],
    private readonly logger: Logger,
    /** The share of quick reads without an error that is logged. */
    private readonly sample: number,
  ) {
    for (const contract of contracts) {
      for (const operation of Object.values(contract.operations)) {
        if (operation.path === undefined) continue;
        this.operations.set(`${operation.method} ${operation.path}`, operation);
        if (operation.method === 'GET') this.operations.set(`HEAD ${operation.path}`, operation);
      }
    }
    for (const status of REFUSALS) httpSeconds.zero({ operation: NO_OPERATION, status });
  }

  listenTo(fastify: FastifyInstance): void {
    fastify.addHook('onResponse', (request, reply, done) => {
      this.note(request as EdgeRequest, reply);
      done();
    });
  }

  /** Bytes that were no request, or one whose path cannot be read: no hook sees them. */
  noteUnreadable(address: string, requestId: string): void {
    httpSeconds.observe({ operation: NO_OPERATION, status: '400' }, 0);
    this.logger.info({ operation: NO_OPERATION, status: 400, address: shortenedAddress(address), requestId }, 'http.request');
  }

  private note(request: EdgeRequest, reply: EdgeReply): void {
    const route = request.routeOptions.url;
    if (route !== undefined && PROBES.test(route)) return;
    const { method } = request;
    const length = Number(reply.getHeader('content-length'));
    this.noteAnswer(this.operations.get(`${method} ${route}`), {
      ...{ method, route, status: reply.statusCode, ms: reply.elapsedTime },
      ...{ bytes: Number.isNaN(length) ? undefined : length, userId: request.caller?.userId },
      ...{ address: request.ip, requestId: request.id, traceId: request.traceId },
    });
  }

  /** Counts an answer and logs it, unless the sample leaves it out. */
  noteAnswer(known: AnyOperation | undefined, { method, route, status, ms, bytes, userId, address, requestId, traceId }: Answered): void {
    const operation = known?.key ?? NO_OPERATION;
    httpSeconds.observe({ operation, status: String(status) }, ms / 1_000);
    const isCheap = status < 400 && ms < SLOW_MS && (method === 'GET' || method === 'HEAD');
    if (isCheap && Math.random() >= this.sample) return;
    this.logger.info(
      {
        operation,
        method,
        route,
        status,
        ms: Math.round(ms * 10) / 10,
        ...(bytes === undefined ? {} : { bytes }),
        userId,
        address: shortenedAddress(address),
        requestId,
        traceId,
      },
      'http.request',
    );
  }
}
