import { timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { orderEndpoints } from './api-orders.ts';
import { paymentEndpoints } from './api-payments.ts';
import { refundEndpoints } from './api-refunds.ts';
import { addCheckout, type CheckoutParts } from './checkout.ts';
import { type ApiParts, type Endpoint, serve } from './endpoint.ts';
import { badCredentials, invalid, RazorpayError, unknownUrl } from './razorpay-error.ts';
import { endpointOf, readBodies } from './request-body.ts';
import { hasCardNumber } from './violations.ts';

/** Every endpoint of the API, as `GET /v1/orders/:id`: the names that faults take. */
export function endpointNames(parts: ApiParts): string[] {
  return endpointsOf(parts).map(({ method, path }) => `${method} ${path}`);
}

function endpointsOf(parts: ApiParts): Endpoint[] {
  return [...orderEndpoints(parts), ...paymentEndpoints(parts), ...refundEndpoints(parts)];
}

/** The server of the API port: Razorpay's API under /v1 and the checkout page. */
export function buildApi(parts: ApiParts & CheckoutParts): FastifyInstance {
  const { violations } = parts;
  const app = Fastify({ logger: false, exposeHeadRoutes: false, forceCloseConnections: true });
  readBodies(app, (text, endpoint) => {
    if (hasCardNumber(text)) violations.add('pan_like_digits', endpoint, 'in the body');
  });
  app.addHook('onRequest', async (request) => {
    if (hasCardNumber(request.url) || hasCardNumber(decoded(request.url)))
      violations.add('pan_like_digits', endpointOf(request), 'in the URL');
  });
  app.setErrorHandler<FastifyError | RazorpayError>((error, _request, reply) => {
    const known = error instanceof RazorpayError ? error : fromFastify(error);
    return reply.code(known.status).send(known.body);
  });
  app.setNotFoundHandler((_request, reply) => {
    const { status, body } = unknownUrl();
    return reply.code(status).send(body);
  });
  app.register(async (scope) => {
    scope.addHook('onRequest', authentication(parts));
    for (const endpoint of endpointsOf(parts)) serve(scope, parts, endpoint);
  });
  addCheckout(app, parts);
  return app;
}

function authentication({ keyId, keySecret, violations }: ApiParts) {
  const expected = Buffer.from(`${keyId}:${keySecret}`);
  return async (request: { headers: { authorization?: string | undefined } } & Parameters<typeof endpointOf>[0]): Promise<void> => {
    const [scheme, encoded = ''] = (request.headers.authorization ?? '').split(' ');
    const given = Buffer.from(encoded, 'base64');
    if (scheme?.toLowerCase() === 'basic' && given.length === expected.length && timingSafeEqual(given, expected)) return;
    violations.add('bad_credentials', endpointOf(request), request.headers.authorization === undefined ? 'none' : 'wrong');
    throw badCredentials();
  };
}

function fromFastify(error: FastifyError): RazorpayError {
  const status = error.statusCode ?? 500;
  if (status < 500) return invalid(error.message);
  // A defect of the simulator's own must not look like an outage that a test has ordered.
  process.stderr.write(`${JSON.stringify({ event: 'razorpay_sim.internal_error', error: error.stack })}\n`);
  return new RazorpayError(500, { code: 'SERVER_ERROR', description: 'The simulator has a defect; see its stderr' });
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
