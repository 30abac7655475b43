import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '#libs/contracts/errors';
import { BusClient } from '#libs/messaging/bus-client';
import { listen, readSettings } from '#libs/runtime/run-service';
import { serveDemoShop } from './demo-shop.ts';
import { serveDocs } from './docs.ts';
import { EdgeFilter } from './edge.filter.ts';
import { Edge } from './edge.ts';
import { EDGE_HEADERS, requestIdOf } from './edge-headers.ts';
import type { EdgeRequest } from './edge-request.ts';
import { publicContracts } from './gateway.contracts.ts';
import { type GatewayEnv, gatewayEnv } from './gateway.env.ts';
import { GatewayModule } from './gateway.module.ts';
import { isAllowedOrigin } from './origins.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';
import { SOCKET_PATH } from './socket-server.ts';

/** The largest body any route takes: the payment provider's callback. */
const MAX_BODY_BYTES = 1_048_576;

export async function startGateway(): Promise<NestFastifyApplication> {
  const values = readSettings('gateway', gatewayEnv);
  const options: FastifyHttpOptions<Server> = {
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: values.TRUST_PROXY.length > 0 ? [...values.TRUST_PROXY] : false,
    genReqId: requestIdOf,
    // Node would otherwise take every request that offers to upgrade, as `curl --http2` does, away from Fastify.
    http: { shouldUpgradeCallback: ({ url }) => url?.startsWith(`${SOCKET_PATH}/`) ?? false },
    routerOptions: { maxParamLength: 500, querystringParser: () => ({}) },
    frameworkErrors: (_error, request, reply) => answerUnreadable(request, reply),
    clientErrorHandler: (_error: Error, socket: Socket) => answerNoRequest(socket),
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
  };
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule, new FastifyAdapter(options), {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  configureEdge(app, values);
  await serveDocs(app, publicContracts);
  await serveDemoShop(app);
  await listen(app, 'gateway');
  return app;
}

function configureEdge(app: NestFastifyApplication, env: GatewayEnv): void {
  const fastify = app.getHttpAdapter().getInstance();
  const { clock } = app.get(BusClient);
  fastify.removeAllContentTypeParsers();
  // The bytes go on as they came; the service that owns the operation reads them.
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addHook('onRequest', (request, reply, done) => {
    (request as EdgeRequest).receivedAt = clock.now();
    securityHeaders(request, reply);
    done();
  });
  app.useGlobalFilters(new EdgeFilter(app.get(Edge), publicContracts));
  if (env.CORS_ORIGINS.length > 0) {
    app.enableCors({
      origin: (origin, answer) => answer(null, origin !== undefined && isAllowedOrigin(origin, env.CORS_ORIGINS)),
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match', 'if-none-match', 'x-request-id'],
      exposedHeaders: ['etag', 'idempotency-replayed', 'retry-after', 'x-request-id'],
      maxAge: 600,
    });
  }
}

/** A path that is no path ends before any hook or filter sees it. */
function answerUnreadable(request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = problemOf(refuse('malformed', 'The path is not valid percent-encoded UTF-8'), request.id);
  void securityHeaders(request, reply).status(status).header('cache-control', 'no-store').header('content-type', PROBLEM_TYPE).send(body);
}

/** Bytes that are no HTTP request: an unknown method, a header that is too long. */
function answerNoRequest(socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = randomUUID();
  const { body } = problemOf(refuse('malformed', 'This is not a valid HTTP request'), requestId);
  const headers = {
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    connection: 'close',
    'x-request-id': requestId,
    ...EDGE_HEADERS,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(['HTTP/1.1 400 Bad Request', ...lines, '', body].join('\r\n'));
}

const securityHeaders = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply.header('x-request-id', request.id).headers(EDGE_HEADERS);
