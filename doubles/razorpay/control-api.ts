import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { bodies } from './control-bodies.ts';
import type { Controls, Deliveries, EventFilter, NewFault } from './controls.ts';
import { type DisputeStep, disputeSteps } from './disputes.ts';
import type { Dispute } from './entities.ts';
import type { PaymentAttempt } from './payments.ts';
import { RazorpayError } from './razorpay-error.ts';
import type { Settings } from './settings.ts';
import type { ReleaseOrder, WebhookTarget } from './webhooks.ts';

interface ById {
  Params: { id: string };
}

/** The server of the control port: `Controls` over HTTP, every answer a JSON object. It asks for no password, so it belongs on a loopback address. */
export function buildControlApi(controls: Controls): FastifyInstance {
  const app = Fastify({ logger: false, exposeHeadRoutes: false, forceCloseConnections: true });
  const routes: string[] = [];
  app.addHook('onRoute', ({ method, url }) => void routes.push(`${method} ${url}`));
  app.addHook('onRequest', async ({ headers }) => {
    // A page in the browser of whoever runs this must not move its money about.
    if (headers.origin !== undefined) throw new RazorpayError(403, { description: 'The controls are not for web pages' });
  });
  app.setErrorHandler<FastifyError | RazorpayError>((error, _request, reply) => {
    const known = error instanceof RazorpayError ? error : new RazorpayError(error.statusCode ?? 500, { description: error.message });
    return reply.code(known.status).send(known.body);
  });
  app.setNotFoundHandler(({ method, url }) => {
    throw new RazorpayError(404, { description: `There is no control ${method} ${url}; GET / lists them` });
  });
  // Several controls take an optional body, and `curl -X POST` sends none.
  app.addHook('preValidation', async (request) => {
    if (request.method !== 'GET' && request.method !== 'DELETE') request.body ??= {};
  });
  app.get('/', async () => ({ controls: routes, endpoints: controls.endpoints }));
  addMoney(app, controls);
  addWebhooks(app, controls);
  addConditions(app, controls);
  return app;
}

function addMoney(app: FastifyInstance, controls: Controls): void {
  app.post<{ Body: PaymentAttempt }>('/payments', { preHandler: bodies.pay }, async ({ body }) => controls.pay(body));
  app.post<ById>('/payments/:id/authorise', async ({ params }) => controls.authoriseLate(params.id));
  app.post<{ Body: { orderId: string; paymentId: string } }>('/sign', { preHandler: bodies.sign }, async ({ body }) => ({
    signature: controls.sign(body.orderId, body.paymentId),
  }));
  app.post<ById>('/refunds/:id/process', async ({ params }) => controls.processRefund(params.id));
  app.post<ById>('/refunds/:id/fail', async ({ params }) => controls.failRefund(params.id));
  app.post<{ Body: { paymentId: string; amount?: number; phase?: Dispute['phase'] } }>(
    '/disputes',
    { preHandler: bodies.dispute },
    async ({ body: { paymentId, ...options } }) => controls.openDispute(paymentId, options),
  );
  app.post<{ Params: { id: string; step: string } }>('/disputes/:id/:step', async ({ params: { id, step } }) => {
    if (!isDisputeStep(step))
      throw new RazorpayError(404, { description: `A dispute can ${Object.keys(disputeSteps).join(', ')}, not ${step}` });
    return controls.moveDispute(id, step);
  });
  app.get('/ledger', async () => controls.ledger());
}

function addWebhooks(app: FastifyInstance, controls: Controls): void {
  app.get<{ Querystring: EventFilter }>('/events', async ({ query }) => ({ items: controls.events(query) }));
  app.get<ById>('/events/:id', async ({ params }) => controls.event(params.id));
  app.post<{ Body: { event: string; payload?: Record<string, unknown> } }>('/events', { preHandler: bodies.publish }, async ({ body }) =>
    controls.publish(body.event, body.payload),
  );
  app.post<ById & { Body: Deliveries }>('/events/:id/deliver', { preHandler: bodies.deliver }, async ({ params, body }) => ({
    answers: await controls.deliver(params.id, body),
  }));
  app.get('/webhook', async () => controls.webhook());
  app.put<{ Body: Partial<WebhookTarget> }>('/webhook', { preHandler: bodies.webhook }, async ({ body }) => {
    controls.changeWebhook(body);
    return controls.webhook();
  });
  app.post('/webhook/hold', async () => {
    controls.hold();
    return controls.webhook();
  });
  app.post<{ Body: { order?: ReleaseOrder; seed?: number } }>('/webhook/release', { preHandler: bodies.release }, async ({ body }) => ({
    items: await controls.release(body.order, body.seed),
  }));
  app.post<{ Body: { timeoutMs?: number } }>('/webhook/idle', { preHandler: bodies.idle }, async ({ body }) => ({
    idle: await controls.idle(body.timeoutMs),
  }));
}

function addConditions(app: FastifyInstance, controls: Controls): void {
  app.get('/faults', async () => ({ items: controls.faults() }));
  app.post<{ Body: NewFault }>('/faults', { preHandler: bodies.fault }, async ({ body }) => controls.addFault(body));
  app.delete('/faults', async () => {
    controls.clearFaults();
    return {};
  });
  app.get('/violations', async () => controls.violations());
  app.delete('/violations', async () => {
    controls.clearViolations();
    return {};
  });
  app.get('/settings', async () => controls.settings());
  app.put<{ Body: Partial<Settings> }>('/settings', { preHandler: bodies.settings }, async ({ body }) => controls.changeSettings(body));
  app.get('/clock', async () => ({ now: controls.now() }));
  app.post<{ Body: { seconds: number } }>('/clock/advance', { preHandler: bodies.advance }, async ({ body }) => ({
    now: controls.advance(body.seconds),
  }));
  app.post('/reset', async () => {
    await controls.reset();
    return {};
  });
}

function isDisputeStep(step: string): step is DisputeStep {
  return Object.hasOwn(disputeSteps, step);
}
