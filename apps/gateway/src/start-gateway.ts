import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '#libs/contracts/errors';
import { BusClient } from '#libs/messaging/bus-client';
import type { Logger } from '#libs/observability/logger';
import { LOGGER } from '#libs/runtime/core.module';
import { listen, readSettings } from '#libs/runtime/run-service';
import { publicUrl, type Settings } from '#libs/runtime/settings';
import { LONGEST_UPLOAD_MS, MAX_BODY_BYTES, readBody } from './body-reader.ts';
import { serveDemoShop } from './demo-shop.ts';
import { serveDocs } from './docs.ts';
import { EdgeFilter } from './edge.filter.ts';
import { Edge } from './edge.ts';
import { EDGE_HEADERS, requestIdOf } from './edge-headers.ts';
import type { EdgeRequest } from './edge-request.ts';
import { publicContracts } from './gateway.contracts.ts';
import { demoLoginsOf, type GatewayEnv, gatewayEnv } from './gateway.env.ts';
import { GatewayModule } from './gateway.module.ts';
import { HotLane } from './hot-lane.ts';
import { serveMailLinkPages } from './mail-link-pages.ts';
import { isAllowedOrigin } from './origins.ts';
import { serveOwnPages } from './own-pages.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';
import { RequestLog } from './request-log.ts';
import { SOCKET_PATH } from './socket-server.ts';
import { UntrustedProxy } from './untrusted-proxy.ts';

const CORS_ALLOWED = [
  ...['authorization', 'content-type', 'idempotency-key', 'if-match', 'if-none-match', 'range', 'if-range'],
  ...['x-device-id', 'x-app-version', 'x-token-transport', 'x-request-id'],
];
const CORS_EXPOSED = [...['etag', 'content-range', 'accept-ranges', 'retry-after', 'idempotency-replayed', 'x-request-id', 'sunset']];

export async function startGateway(): Promise<NestFastifyApplication> {
  const values = readSettings('gateway', gatewayEnv);
  // Made with the application, whose adapter needs these handlers before.
  let requests: RequestLog | undefined;
  const options: FastifyHttpOptions<Server> = {
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: values.TRUST_PROXY.length > 0 ? [...values.TRUST_PROXY] : false,
    genReqId: requestIdOf,
    // Node would otherwise take every request that offers to upgrade, as `curl --http2` does, away from Fastify.
    // A request without Host is refused with the others, in our words.
    http: {
      requireHostHeader: false,
      headersTimeout: 30_000,
      shouldUpgradeCallback: ({ url }) => url?.startsWith(`${SOCKET_PATH}/`) ?? false,
    },
    // As long as a request's head may be: the operation says how long its parameters are.
    routerOptions: { maxParamLength: 16_384, querystringParser: () => ({}) },
    frameworkErrors: (_error, request, reply) => {
      answerUnreadable(request, reply);
      requests?.noteUnreadable(request.ip, request.id);
    },
    clientErrorHandler: (_error: Error, socket: Socket) => {
      const requestId = randomUUID();
      requests?.noteUnreadable(socket.remoteAddress ?? '', requestId);
      answerNoRequest(socket, requestId);
    },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Of an upload by a slow phone; a body that is read here has less, and so have two bytes of an upload.
    requestTimeout: LONGEST_UPLOAD_MS,
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
  };
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule, new FastifyAdapter(options), {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  requests = new RequestLog(publicContracts, app.get<Logger>(LOGGER), values.REQUEST_LOG_SAMPLE);
  const proxies = values.NODE_ENV === 'production' ? new UntrustedProxy(values.TRUST_PROXY, app.get<Logger>(LOGGER)) : undefined;
  configureEdge(app, values, requests, proxies);
  app.get(HotLane).standBefore(app.getHttpServer(), { requests, proxies });
  app.useGlobalFilters(new EdgeFilter(app.get(Edge), publicContracts, await servePages(app, values)));
  await listen(app, 'gateway');
  return app;
}

/** Everything that is no operation; answers the paths. */
async function servePages(app: NestFastifyApplication, values: GatewayEnv & Settings): Promise<readonly string[]> {
  const demoLogins = demoLoginsOf(process.env);
  const docs = await serveDocs(app, publicContracts, { withPage: values.SERVE_DOCS, demoLogins });
  const fastify = app.getHttpAdapter().getInstance();
  const shop = values.SERVE_DEMO ? await serveDemoShop(app) : [];
  // Mails name these addresses, whether pages are served here or not.
  const mailLinks = shop.length > 0 ? [] : serveMailLinkPages(fastify);
  const own = serveOwnPages(fastify, {
    isDevelopment: values.NODE_ENV !== 'production',
    servesDocs: values.SERVE_DOCS,
    servesShop: shop.length > 0,
    servesInbox: values.DEV_INBOX,
    demoLogins,
    publicUrl: publicUrl(values),
    securityContact: values.SECURITY_CONTACT ?? `mailto:security@${new URL(publicUrl(values)).hostname}`,
  });
  return [...docs, ...shop, ...mailLinks, ...own, ...(values.DEV_INBOX ? ['/dev/inbox'] : [])];
}

function configureEdge(
  app: NestFastifyApplication,
  env: GatewayEnv & Settings,
  requests: RequestLog,
  proxies: UntrustedProxy | undefined,
): void {
  const fastify = app.getHttpAdapter().getInstance();
  const { clock } = app.get(BusClient);
  fastify.removeAllContentTypeParsers();
  // The bytes go on as they came; the service that owns the operation reads them.
  fastify.addContentTypeParser('*', readBody);
  fastify.addHook('onRequest', (request, reply, done) => {
    (request as EdgeRequest).receivedAt = clock.now();
    proxies?.note(request.raw);
    securityHeaders(request, reply);
    const isHostless = request.headers.host === undefined && request.raw.httpVersion === '1.1';
    done(isHostless ? refuse('malformed', 'Send a Host header') : undefined);
  });
  requests.listenTo(fastify);
  const { server } = fastify;
  // Node would answer both by itself, with nothing in it.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (_request: IncomingMessage, socket: Socket) => answerNoRequest(socket, randomUUID()));
  if (env.CORS_ORIGINS.length > 0) {
    app.enableCors({
      origin: (origin, answer) => answer(null, origin !== undefined && isAllowedOrigin(origin, env.CORS_ORIGINS)),
      credentials: true,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: [...CORS_ALLOWED],
      exposedHeaders: [...CORS_EXPOSED],
      maxAge: 600,
    });
  }
}

/** Fastify refuses a path that cannot be decoded before it runs hooks or filters. */
function answerUnreadable(request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = problemOf(refuse('malformed', 'The path is not valid percent-encoded UTF-8'), request.id);
  void securityHeaders(request, reply).status(status).header('cache-control', 'no-store').header('content-type', PROBLEM_TYPE).send(body);
}

/** Bytes that are no HTTP request: an unknown method, a header that is too long. */
function answerNoRequest(socket: Socket, requestId: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
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
