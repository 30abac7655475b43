import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '#libs/contracts/errors';
import { BusClient } from '#libs/messaging/bus-client';
import { listen, readSettings } from '#libs/runtime/run-service';
import { serveDemoShop } from './demo-shop.ts';
import { serveDocs } from './docs.ts';
import { EdgeFilter } from './edge.filter.ts';
import { Edge } from './edge.ts';
import type { EdgeRequest } from './edge-request.ts';
import { publicContracts } from './gateway.contracts.ts';
import { type GatewayEnv, gatewayEnv } from './gateway.env.ts';
import { GatewayModule } from './gateway.module.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';

const REQUEST_ID = /^[A-Za-z0-9._:-]{8,128}$/;
/** The largest body any route takes: the payment provider's callback. */
const MAX_BODY_BYTES = 1_048_576;

export async function startGateway(): Promise<NestFastifyApplication> {
  const values = readSettings('gateway', gatewayEnv);
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: values.TRUST_PROXY.length > 0 ? [...values.TRUST_PROXY] : false,
    genReqId: (request: { headers: Record<string, string | string[] | undefined> }) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    routerOptions: { maxParamLength: 500, querystringParser: () => ({}) },
    frameworkErrors: (_error: unknown, request: FastifyRequest, reply: FastifyReply) => answerUnreadable(request, reply),
    clientErrorHandler: (_error: Error, socket: Socket) => answerNoRequest(socket),
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule, adapter, {
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
      origin: (origin, answer) => answer(null, origin !== undefined && isAllowed(origin, env.CORS_ORIGINS)),
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
  const { body } = problemOf(refuse('malformed', 'This is not a valid HTTP request'), randomUUID());
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const securityHeaders = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply
    .header('x-request-id', request.id)
    .header('x-content-type-options', 'nosniff')
    .header('strict-transport-security', 'max-age=31536000; includeSubDomains')
    .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
    .header('referrer-policy', 'no-referrer');

/** An origin without a port in the list stands for all its ports, as a developer's machine needs it. */
const isAllowed = (origin: string, allowed: readonly string[]): boolean =>
  allowed.includes(origin) || allowed.includes(origin.replace(/:\d+$/, ''));
