import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Schemas } from '#libs/client/client';

/** A signed-in customer of the load. Written on node:http with kept connections: `fetch` would cost as much as a quarter of a checkout. */
export class Buyer {
  private readonly agent: Agent;
  private readonly url: string;
  private readonly token: string;

  constructor(url: string, token: string, agent: Agent) {
    this.url = url;
    this.token = token;
    this.agent = agent;
  }

  /** The answer's body. @throws Error with the problem document of a refusal. */
  async ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object, headers: Record<string, string> = {}): Promise<T> {
    return sent<T>(this.agent, method, `${this.url}${path}`, body, { authorization: `Bearer ${this.token}`, ...headers });
  }
}

function sent<T>(agent: Agent, method: string, url: string, body: object | undefined, headers: Record<string, string>): Promise<T> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const type = text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const outgoing = request(url, { method, agent, headers: { ...headers, ...type } }, (answer) => {
      let read = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => {
        read += piece;
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve((read === '' ? undefined : JSON.parse(read)) as T);
        else reject(new Error(`${method} ${new URL(url).pathname} refused: ${read}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

const ADDRESS = {
  name: 'Bench Customer',
  phone: '+919876543210',
  line1: '14, 3rd Cross, Indiranagar',
  city: 'Bengaluru',
  state: 'Karnataka',
  pincode: '560038',
  country: 'IN',
} as const;

export interface Purchase {
  readonly orderId: string;
  /** Whether verify's answer already said so: it waits for that, but not for ever. */
  readonly isConfirmed: boolean;
}

/** From the cart to the paid order, as a browser does it; the payment is made at Razorpay's double. */
export async function buy(buyer: Buyer, variantId: string, razorpayControls: string, controls: Agent): Promise<Purchase> {
  const cart = await buyer.ask<Schemas['Cart']>('POST', '/api/cart/me/items', { variantId, quantity: 1 });
  const order = await buyer.ask<Schemas['Order']>(
    'POST',
    '/api/orders',
    { shippingAddress: ADDRESS, paymentMethod: 'razorpay', expectedTotal: cart.total },
    { 'idempotency-key': randomUUID() },
  );
  const payment = await buyer.ask<{ razorpayOrderId: string }>('POST', '/api/payments/create-order', { orderId: order.id });
  const paid = await sent<{ paymentId: string; signature: string }>(
    controls,
    'POST',
    `${razorpayControls}/payments`,
    { orderId: payment.razorpayOrderId, mode: 'auto' },
    {},
  );
  const verified = await buyer.ask<{ order: { status: string } }>('POST', '/api/payments/verify', {
    orderId: order.id,
    razorpayOrderId: payment.razorpayOrderId,
    razorpayPaymentId: paid.paymentId,
    razorpaySignature: paid.signature,
  });
  return { orderId: order.id, isConfirmed: verified.order.status === 'confirmed' };
}
