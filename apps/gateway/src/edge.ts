import { Injectable } from '@nestjs/common';
import { GATEWAY } from '#libs/auth/access';
import { type AnyOperation, goesOverHttp } from '#libs/contracts/contract';
import { Refusal, refuse } from '#libs/contracts/errors';
import { currentRequest, runInRequest } from '#libs/observability/context';
import { type Logger } from '#libs/observability/logger';
import { inSpan, isTracing, SpanKind } from '#libs/observability/tracing';
import { InjectLogger } from '#libs/runtime/core.module';
import { ByteProxy } from './byte-proxy.ts';
import { compressed, encodingFor, mayCompress, varyByEncoding } from './compression.ts';
import { EDGE_HEADERS } from './edge-headers.ts';
import { type EdgeCall, type EdgeReply, type EdgeRequest, readCall } from './edge-request.ts';
import { HOT_CACHE_CONTROL, hotReply, JSON_TYPE } from './hot-answer.ts';
import { HotLane } from './hot-lane.ts';
import { HotReads } from './hot-reads.ts';
import { type Answer, Idempotency, type KeyedRequest } from './idempotency.ts';
import { lingerFor } from './lingering.ts';
import { LocalOperations } from './local-operations.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';
import { RateLimits } from './rate-limits.ts';
import { TokenCookie } from './token-cookie.ts';
import { Upstreams } from './upstreams.ts';

/** What the gateway does with a request, the same for every operation of every contract. */
@Injectable()
export class Edge {
  constructor(
    private readonly limits: RateLimits,
    private readonly upstreams: Upstreams,
    private readonly hotReads: HotReads,
    private readonly hotLane: HotLane,
    private readonly idempotency: Idempotency,
    private readonly bytes: ByteProxy,
    private readonly local: LocalOperations,
    private readonly tokenCookie: TokenCookie,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  handle(operation: AnyOperation, request: EdgeRequest, reply: EdgeReply): Promise<void> {
    if (!isTracing()) return this.serve(operation, request, reply);
    // A client's own `traceparent` is not believed: anybody could write into our traces, or have each request sampled.
    return runInRequest({ requestId: request.id }, () =>
      inSpan(operation.key, SpanKind.SERVER, { 'http.request.method': request.method, 'http.route': operation.path ?? '' }, () => {
        const traceId = currentRequest()?.traceparent?.slice(3, 35);
        if (traceId !== undefined) request.traceId = traceId;
        return this.serve(operation, request, reply);
      }),
    );
  }

  private async serve(operation: AnyOperation, request: EdgeRequest, reply: EdgeReply): Promise<void> {
    try {
      const limited = this.limits.admit(operation, request.ip, request.caller?.userId, request.body);
      if (limited !== undefined) await limited;
      const call = readCall(request, operation);
      if (goesOverHttp(operation)) await this.sendOverHttp(operation, call, request, reply);
      else if (this.tokenCookie.carries(operation, request)) await this.answerWithCookie(operation, call, request, reply);
      else if (operation.hot) await this.answerHot(operation, call, request, reply);
      else if (call.forwarded.idempotency === undefined || request.caller === undefined) await this.answer(operation, call, request, reply);
      else await this.answerOnce(operation, call, request.caller.userId, call.forwarded.idempotency, request, reply);
    } catch (error) {
      this.answerProblem(error, request, reply);
    }
  }

  /** An upload's bytes are not known here, so the service keeps its key with what it creates; here two of them do not run at once. */
  private async sendOverHttp(operation: AnyOperation, call: EdgeCall, request: EdgeRequest, reply: EdgeReply): Promise<void> {
    const keyed = call.forwarded.idempotency;
    const userId = request.caller?.userId;
    if (keyed === undefined || userId === undefined) return this.bytes.send(operation, call.forwarded, request, reply);
    await this.idempotency.runUnread(userId, keyed, () => this.bytes.send(operation, call.forwarded, request, reply));
  }

  /** Turns anything thrown on the way into a problem document; what is not a refusal is a bug of ours. */
  answerProblem(error: unknown, request: EdgeRequest, reply: EdgeReply): void {
    if (!(error instanceof Refusal)) this.logger.error({ err: error, requestId: request.id }, 'edge.failed');
    const problem = problemOf(error instanceof Refusal ? error : refuse('internal'), request.id);
    if (problem.retryAfter !== undefined) reply.header('retry-after', String(problem.retryAfter));
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
    lingerFor(request);
    // Fastify runs no hook for `OPTIONS *`.
    reply.header('x-request-id', request.id).headers(EDGE_HEADERS).header('cache-control', 'no-store');
    send(reply, problem.status, PROBLEM_TYPE, problem.body);
  }

  private forward(operation: AnyOperation, { body, forwarded }: EdgeCall): Promise<Buffer> {
    return operation.service === GATEWAY ? this.local.run(operation, body, forwarded) : this.upstreams.forward(operation, body, forwarded);
  }

  private async answer(operation: AnyOperation, call: EdgeCall, request: EdgeRequest, reply: EdgeReply): Promise<void> {
    reply.header('cache-control', 'no-store');
    const answer = await this.forward(operation, call);
    await sendCompressed(operation, statusOf(operation, answer), JSON_TYPE, answer, request, reply);
  }

  private async answerWithCookie(operation: AnyOperation, call: EdgeCall, request: EdgeRequest, reply: EdgeReply): Promise<void> {
    reply.header('cache-control', 'no-store');
    const body = this.tokenCookie.bodyWithToken(operation, request, call.body);
    const answer = await this.forward(operation, { ...call, body });
    send(reply, operation.status, JSON_TYPE, this.tokenCookie.takeToken(operation, reply, answer));
  }

  private async answerHot(operation: AnyOperation, call: EdgeCall, request: EdgeRequest, reply: EdgeReply): Promise<void> {
    const key = `${operation.key} ${JSON.stringify([call.forwarded.path, call.forwarded.query])}`;
    const found = this.hotReads.get(key, () => this.forward(operation, call));
    const answer = found instanceof Promise ? await found : found;
    const { encoding, etag, isKnown } = hotReply(answer, request.headers);
    this.hotLane.note(request.raw.url ?? '', operation, key);
    varyByEncoding(reply);
    reply.header('etag', etag).header('cache-control', HOT_CACHE_CONTROL);
    if (isKnown) {
      reply.status(304).send();
      return;
    }
    const body = encoding === undefined ? answer.content.body : await answer.content.as(encoding);
    if (encoding !== undefined) reply.header('content-encoding', encoding);
    send(reply, operation.status, JSON_TYPE, body);
  }

  /** A repeat gets the first answer; the request runs only where there is none. */
  private async answerOnce(
    operation: AnyOperation,
    call: EdgeCall,
    userId: string,
    keyed: KeyedRequest,
    request: EdgeRequest,
    reply: EdgeReply,
  ): Promise<void> {
    reply.header('cache-control', 'no-store');
    const begun = await this.idempotency.begin(userId, keyed, operation.timeoutMs);
    if (!('mark' in begun)) {
      reply.header('idempotency-replayed', 'true');
      await sendCompressed(operation, begun.status, begun.contentType, begun.body, request, reply);
      return;
    }
    const answer = await this.forward(operation, call).then(
      (bytes): Answer => ({ status: statusOf(operation, bytes), contentType: JSON_TYPE, body: bytes }),
      (error: unknown): Answer => {
        if (!(error instanceof Refusal)) throw error;
        const problem = problemOf(error, call.forwarded.requestId);
        if (problem.retryAfter !== undefined) reply.header('retry-after', String(problem.retryAfter));
        return { status: problem.status, contentType: PROBLEM_TYPE, body: Buffer.from(problem.body) };
      },
    );
    await this.idempotency.finish(userId, keyed, begun, answer);
    await sendCompressed(operation, answer.status, answer.contentType, answer.body, request, reply);
  }
}

/** Nearly always the operation's own; else the answer is looked into. */
const statusOf = ({ status, statusOf: judge }: AnyOperation, answer: Buffer): number =>
  judge === undefined ? status : judge(JSON.parse(answer.toString()) as never);

async function sendCompressed(
  operation: AnyOperation,
  status: number,
  contentType: string,
  body: Buffer,
  request: EdgeRequest,
  reply: EdgeReply,
): Promise<void> {
  if (!mayCompress(operation)) return send(reply, status, contentType, body);
  varyByEncoding(reply);
  const encoding = encodingFor(request.headers['accept-encoding'], body.length);
  if (encoding === undefined) return send(reply, status, contentType, body);
  const bytes = await compressed(body, encoding);
  send(reply.header('content-encoding', encoding), status, contentType, bytes);
}

function send(reply: EdgeReply, status: number, contentType: string, body: Buffer | string): void {
  reply.status(status);
  if (status === 204) void reply.send();
  else void reply.header('content-type', contentType).send(body);
}
