import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, vi } from 'vitest';
import type { Order, Payment, Refund } from '../entities.ts';
import type { ErrorBody } from '../razorpay-error.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator.ts';

export const keyId = 'rzp_test_sandbox';
export const keySecret = 'key-secret';
export const webhookSecret = 'webhook-secret';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** A simulator for one test. */
export async function sandbox(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ keyId, keySecret, ...options });
  open.push(simulator);
  return simulator;
}

/** Waits until `check` passes, as long as a busy machine may take. */
export const inTheEnd = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 20_000, interval: 20 });

export interface Answer<T> {
  status: number;
  body: T;
}

/** Calls the API as a client of the account. */
export async function call<T>(
  simulator: Simulator,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  signal: AbortSignal = AbortSignal.timeout(20_000),
): Promise<Answer<T>> {
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    signal,
    headers: {
      authorization: `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

/** Calls the control port. */
export async function control<T>(simulator: Simulator, method: string, path: string, body?: unknown): Promise<Answer<T>> {
  const response = await fetch(`${simulator.controlUrl}${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

export async function newOrder(simulator: Simulator, fields: Record<string, unknown> = {}): Promise<Order> {
  const { status, body } = await call<Order>(simulator, 'POST', '/v1/orders', { amount: 129_900, currency: 'INR', ...fields });
  if (status !== 200) throw new Error(`no order: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** An order with a captured payment. */
export async function paidOrder(simulator: Simulator, fields: Record<string, unknown> = {}): Promise<{ order: Order; paymentId: string }> {
  const order = await newOrder(simulator, fields);
  return { order, paymentId: simulator.controls.pay({ orderId: order.id }).paymentId };
}

export function refund(
  simulator: Simulator,
  paymentId: string,
  fields: Record<string, unknown> = {},
  key: string = `refund-${randomUUID()}`,
): Promise<Answer<Refund & ErrorBody>> {
  return call(simulator, 'POST', `/v1/payments/${paymentId}/refund`, fields, { 'x-refund-idempotency': key });
}

export async function paymentOf(simulator: Simulator, paymentId: string): Promise<Payment> {
  return (await call<Payment>(simulator, 'GET', `/v1/payments/${paymentId}`)).body;
}

export interface Received {
  id: string;
  event: string;
  body: string;
  signature: string;
  /** The secret whose signature it bears, of those the shop knows. */
  signedWith: string | undefined;
}

export interface Shop {
  url: string;
  received: Received[];
  /** What the shop answers next; called for every request. */
  answer: (received: Received) => number | 'hang' | Promise<number>;
  secrets: string[];
}

/** A shop that takes webhooks. */
export async function shop(): Promise<Shop> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const raw = Buffer.concat(chunks);
      const signature = String(request.headers['x-razorpay-signature']);
      const signedWith = self.secrets.find((secret) => createHmac('sha256', secret).update(raw).digest('hex') === signature);
      const body = raw.toString();
      const received = { id: String(request.headers['x-razorpay-event-id']), event: JSON.parse(body).event, body, signature, signedWith };
      self.received.push(received);
      const status = await self.answer(received);
      if (status !== 'hang') response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const self: Shop = { url: `http://127.0.0.1:${port}/webhook`, received: [], answer: () => 200, secrets: [webhookSecret] };
  open.push({
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  });
  return self;
}

/**
 * A simulator that delivers to a shop, with retries fast enough for a test. It waits long for the shop: a busy machine is no failed delivery,
 * and a suite about time-outs asks for a short wait itself.
 */
export async function sandboxWithShop(options: Partial<SimulatorOptions> = {}): Promise<{ simulator: Simulator; shop: Shop }> {
  const receiver = await shop();
  const simulator = await sandbox({
    webhookUrl: receiver.url,
    webhookSecret,
    webhookRetry: { timeoutMs: 20_000, firstDelayMs: 20 },
    ...options,
  });
  return { simulator, shop: receiver };
}

export function violationKinds(simulator: Simulator): string[] {
  return simulator.controls.violations().items.map(({ kind }) => kind);
}
