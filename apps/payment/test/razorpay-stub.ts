import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Fault =
  | 'hang'
  | 'slow'
  | 'html'
  | 'busy'
  | 'unauthorised'
  | 'reset-before'
  | 'reset-after'
  | 'unreadable'
  | 'redirect'
  | 'huge'
  | 'dribble';
type Fields = Record<string, unknown>;
interface Answer {
  readonly status: number;
  readonly body: Fields;
}

export const newId = (prefix: string): string => `${prefix}_${randomBytes(7).toString('hex')}`;
const refusal = (status: number, description: string): Answer => ({ status, body: { error: { code: 'BAD_REQUEST_ERROR', description } } });
const ok = (body: Fields): Answer => ({ status: 200, body });

/** The few endpoints that payment uses, over HTTP, with faults before and after the commit. States are set by the test. */
export class RazorpayStub {
  readonly orders = new Map<string, Fields>();
  readonly payments = new Map<string, Fields>();
  readonly refunds = new Map<string, Fields>();
  /** `POST /v1/orders` and so on, as they came in. */
  readonly requests: { route: string; headers: IncomingMessage['headers']; body: Fields }[] = [];
  refundStatus = 'processed';
  /** Connections that were made, so far. */
  connections = 0;
  private readonly refundKeys = new Map<string, { body: string; id: string }>();
  private faults: { method: string; path: RegExp; kind: Fault; times: number }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<RazorpayStub> {
    const server = createServer();
    const stub = new RazorpayStub(server);
    server.on('connection', () => {
      stub.connections += 1;
    });
    server.on('request', (request, response) => void stub.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  fail(method: string, path: RegExp, kind: Fault, times = 1): void {
    this.faults.push({ method, path, kind, times });
  }

  heal(): void {
    this.faults = [];
  }

  count(method: string, path: RegExp): number {
    return this.requests.filter(({ route }) => route.startsWith(`${method} `) && path.test(route.slice(method.length + 1))).length;
  }

  /** A payment on an order, of the order's amount unless said. */
  pay(orderId: string, status: string, fields: Fields = {}): Fields {
    const order = this.orders.get(orderId) ?? {};
    const payment = {
      id: newId('pay'),
      entity: 'payment',
      amount: order.amount,
      currency: order.currency,
      status,
      order_id: orderId,
      method: 'upi',
      notes: [],
      created_at: Math.floor(Date.now() / 1_000),
      ...fields,
    };
    this.payments.set(String(payment.id), payment);
    return payment;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://stub');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = (chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())) as Fields;
    const method = request.method ?? '';
    this.requests.push({ route: `${method} ${url.pathname}`, headers: request.headers, body });
    const fault = this.faults.find((one) => one.method === method && one.path.test(url.pathname) && one.times > 0);
    if (fault !== undefined) fault.times -= 1;
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, 400));
    if (fault?.kind === 'reset-before') return void request.socket.destroy();
    if (fault?.kind === 'html') return void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
    if (fault?.kind === 'unreadable') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>');
    if (fault?.kind === 'redirect') return void response.writeHead(302, { location: '/elsewhere' }).end();
    if (fault?.kind === 'huge')
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(`"${'x'.repeat(2_100_000)}"`);
    if (fault?.kind === 'dribble') return this.dribble(response);
    if (fault?.kind === 'busy') return this.answer(response, refusal(429, 'Too many requests'));
    if (fault?.kind === 'unauthorised') return this.answer(response, refusal(401, 'Authentication failed'));
    const answer = this.route(method, url, body, request.headers);
    if (fault?.kind === 'reset-after') return void request.socket.destroy();
    this.answer(response, answer);
  }

  /** A byte now and then, without end. */
  private dribble(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 50);
    response.once('close', () => clearInterval(timer));
  }

  private answer(response: ServerResponse, { status, body }: Answer): void {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  private route(method: string, { pathname, searchParams }: URL, body: Fields, headers: IncomingMessage['headers']): Answer {
    const [, , kind, id = '', action] = pathname.split('/');
    if (method === 'POST' && kind === 'orders') return this.createOrder(body);
    if (kind === 'orders' && id === '') {
      const wanted = searchParams.get('receipt');
      return this.list([...this.orders.values()].filter(({ receipt }) => wanted === null || receipt === wanted));
    }
    if (kind === 'orders' && action === 'payments') return this.list([...this.payments.values()].filter(({ order_id }) => order_id === id));
    if (method === 'GET' && action === 'refunds')
      return this.list([...this.refunds.values()].filter(({ payment_id }) => payment_id === id));
    if (kind === 'refunds') return this.one(this.refunds, id);
    if (method === 'POST' && action === 'capture') return this.capture(id, body);
    if (method === 'POST' && action === 'refund') return this.refund(id, body, String(headers['x-refund-idempotency'] ?? ''));
    return kind === 'payments' ? this.one(this.payments, id) : refusal(404, 'no such route');
  }

  private one(of: Map<string, Fields>, id: string): Answer {
    const found = of.get(id);
    return found === undefined ? refusal(400, 'The id provided does not exist') : ok(found);
  }

  private list(items: Fields[]): Answer {
    return ok({ entity: 'collection', count: items.length, items });
  }

  private createOrder(body: Fields): Answer {
    if (!Number.isInteger(body.amount) || String(body.receipt ?? '').length > 40) return refusal(400, 'bad order');
    const order = {
      id: newId('order'),
      entity: 'order',
      ...body,
      status: 'created',
      notes: [],
      created_at: Math.floor(Date.now() / 1_000),
    };
    this.orders.set(order.id, order);
    return ok(order);
  }

  private capture(id: string, { amount }: Fields): Answer {
    const payment = this.payments.get(id);
    if (payment?.status !== 'authorized' || payment.amount !== amount) return refusal(400, 'This payment cannot be captured');
    payment.status = 'captured';
    return ok(payment);
  }

  private refund(paymentId: string, body: Fields, key: string): Answer {
    const payment = this.payments.get(paymentId);
    if (key.length < 10) return refusal(400, 'the idempotency key is too short');
    const known = this.refundKeys.get(key);
    if (known !== undefined) return known.body === JSON.stringify(body) ? this.one(this.refunds, known.id) : refusal(400, 'another body');
    const left = Number(payment?.amount) - this.refunded(paymentId);
    if (payment?.status !== 'captured' || !(Number(body.amount) <= left)) return refusal(400, 'This payment cannot be refunded');
    if (body.amount === left) payment.status = 'refunded';
    const refund = { id: newId('rfnd'), entity: 'refund', payment_id: paymentId, status: this.refundStatus, notes: [], ...body };
    this.refunds.set(refund.id, refund);
    this.refundKeys.set(key, { body: JSON.stringify(body), id: refund.id });
    return ok(refund);
  }

  /** Paise of a payment that went back, or are about to. */
  refunded(paymentId: string): number {
    const own = [...this.refunds.values()].filter(({ payment_id, status }) => payment_id === paymentId && status !== 'failed');
    return own.reduce((sum, { amount }) => sum + Number(amount), 0);
  }
}

export const hmac = (secret: string, message: string | Buffer): string => createHmac('sha256', secret).update(message).digest('hex');
