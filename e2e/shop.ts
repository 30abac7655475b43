import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { createApiClient, type Schemas, sessionIn } from '#libs/client/client';
import { freePortOffset } from '#libs/local-stack/ports';
import { type Stack, startStack } from '#libs/local-stack/stack';
import { eventually } from '#libs/testing/builders';

export type Api = ReturnType<typeof createApiClient>;
export type Order = Schemas['Order'];
export type Product = Schemas['ProductDetail'];

export const ADDRESS: Schemas['PostalAddress'] = {
  name: 'Meera Nair',
  phone: '+919876543210',
  line1: '14, 3rd Cross, Indiranagar',
  city: 'Bengaluru',
  state: 'Karnataka',
  pincode: '560038',
  country: 'IN',
};
export const PASSWORD = 'monsoon over the old harbour';

/** An access token is good for 15 minutes, and a suite may take longer. */
const ADMIN_SESSION_MS = 5 * 60_000;

/** Each service in processes of its own, or all in one. */
export type Topology = 'apart' | 'together';

/** A customer of the shop with a session of his own. */
export interface Customer {
  readonly api: Api;
  readonly user: Schemas['User'];
  readonly token: string;
}

export interface Variant {
  readonly productId: string;
  readonly variantId: string;
  readonly price: number;
}

/** The whole system on scratch stores, as its clients, its staff and Razorpay see it. */
export class Shop {
  readonly url: string;
  readonly anonymous: Api;
  private adminSession: { readonly admin: Customer; readonly since: number } | undefined;

  private constructor(readonly stack: Stack) {
    this.url = stack.url('gateway');
    this.anonymous = createApiClient({ baseUrl: this.url });
  }

  /** `together`: all services in one process, and beside it one more replica of order and of product. */
  static async open(options: { replicas: number; env?: Record<string, string> } | { together: true }): Promise<Shop> {
    const isTogether = 'together' in options;
    const count = isTogether ? 1 : options.replicas;
    const replicas = { gateway: 1, auth: count, product: count, cart: count, coupon: count, order: count, payment: count, chat: count };
    const stack = await startStack({
      env: { LOG_LEVEL: 'warn', RATE_LIMIT_SCALE: '1000', ...(isTogether ? {} : options.env) },
      scratch: true,
      seed: true,
      portOffset: await freePortOffset(),
      together: isTogether,
      replicas: isTogether ? { order: 2, product: 2 } : replicas,
    });
    return new Shop(stack);
  }

  close(): Promise<void> {
    return this.stack.stop();
  }

  async register(also: { readonly email?: string; readonly name?: string; readonly referralCode?: string } = {}): Promise<Customer> {
    const body = { email: `buyer-${randomUUID()}@example.com`, password: PASSWORD, name: 'Meera Nair', ...also };
    const { data, error } = await this.anonymous.POST('/api/auth/register', { body });
    if (data === undefined) throw new Error(`registration failed: ${JSON.stringify(error)}`);
    return this.signedIn(data);
  }

  /** Mails, SMS and pushes that would have gone there, newest first. */
  async sentTo(to: string): Promise<readonly { readonly text: string }[]> {
    const inbox = await fetch(`${this.url}/dev/inbox?to=${encodeURIComponent(to)}`);
    return ((await inbox.json()) as { items: { text: string }[] }).items;
  }

  /** One after the other: many passwords at once would keep a small machine busy past the deadline. */
  async registered(count: number): Promise<Customer[]> {
    const customers: Customer[] = [];
    while (customers.length < count) customers.push(await this.register());
    return customers;
  }

  async admin(): Promise<Customer> {
    const login = this.stack.logins.find(({ role }) => role === 'admin');
    if (login === undefined) throw new Error('the seed reported no admin');
    if (this.adminSession === undefined || Date.now() - this.adminSession.since > ADMIN_SESSION_MS) {
      const { data, error } = await this.anonymous.POST('/api/auth/login', { body: { email: login.login, password: login.password } });
      const opened = data === undefined ? undefined : sessionIn(data);
      if (opened === undefined) throw new Error(`the admin cannot sign in: ${JSON.stringify(error)}`);
      this.adminSession = { admin: this.signedIn(opened), since: Date.now() };
    }
    return this.adminSession.admin;
  }

  /** A product of a test's own with one variant and this much stock. */
  async stocked(onHand: number, price = 129_900): Promise<Variant> {
    const { api } = await this.admin();
    const { data: tree } = await api.GET('/api/categories');
    const category = tree?.items[0];
    if (category === undefined) throw new Error('the seed made no categories');
    const { data: product, error } = await api.POST('/api/products', {
      params: {},
      body: {
        name: `Test kurta ${randomUUID().slice(0, 8)}`,
        brand: 'Aaranya',
        categoryId: category.id,
        hsn: '6211',
        variants: [{ size: 'M', color: 'Indigo', price, mrp: price + 10_000 }],
      } as never,
    });
    const variant = product?.variants[0];
    if (product === undefined || variant === undefined) throw new Error(`no product: ${JSON.stringify(error)}`);
    await this.setStock({ productId: product.id, variantId: variant.id, price }, onHand);
    return { productId: product.id, variantId: variant.id, price };
  }

  async setStock({ productId, variantId }: Variant, onHand: number): Promise<void> {
    const { api } = await this.admin();
    const { error } = await api.PUT('/api/products/{id}/variants/{variantId}/stock', {
      params: { path: { id: productId, variantId } },
      body: { onHand },
    });
    if (error !== undefined) throw new Error(`stock was not set: ${JSON.stringify(error)}`);
  }

  async stockOf({ productId, variantId }: Variant): Promise<Schemas['Stock']> {
    const { api } = await this.admin();
    const { data } = await api.GET('/api/products/{id}/variants/{variantId}/stock', { params: { path: { id: productId, variantId } } });
    if (data === undefined) throw new Error('the stock cannot be read');
    return data;
  }

  /** Waits until product has heard of what was sold or came back. */
  async stockBecomes(variant: Variant, expected: Schemas['Stock']): Promise<void> {
    const text = JSON.stringify(expected);
    await eventually(async () => JSON.stringify(await this.stockOf(variant)) === text, 30_000);
  }

  /** Places an order for one variant, as the JSON answer and its status. */
  async order(
    customer: Customer,
    { variantId }: Variant,
    quantity = 1,
    key: string = randomUUID(),
    also: { readonly couponCode?: string; readonly paymentMethod?: 'cod' } = {},
  ): Promise<{ status: number; body: Order & { code?: string } }> {
    const answer = await this.send(
      customer,
      'POST',
      '/api/orders',
      { items: [{ variantId, quantity }], paymentMethod: 'razorpay', shippingAddress: ADDRESS, ...also },
      { 'idempotency-key': key },
    );
    return { status: answer.status, body: (await answer.json()) as Order & { code?: string } };
  }

  /** As a client does that asks again with its key while a busy shop sends it away. */
  async orderedInTheEnd(customer: Customer, variant: Variant, also: Parameters<Shop['order']>[4] = {}): ReturnType<Shop['order']> {
    const key = randomUUID();
    for (;;) {
      const answer = await this.order(customer, variant, 1, key, also);
      if (![503, 504].includes(answer.status) && answer.body.code !== 'idempotency_in_flight') return answer;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  async placed(customer: Customer, variant: Variant, quantity = 1, also: Parameters<Shop['order']>[4] = {}): Promise<Order> {
    const { status, body } = await this.order(customer, variant, quantity, randomUUID(), also);
    if (status !== 201) throw new Error(`the order was not placed: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** A coupon of a test's own: ₹100 off unless said. */
  async coupon(
    terms: { kind?: 'percent' | 'fixed'; value?: number; usageLimit?: number; budget?: number; userIds?: string[] } = {},
  ): Promise<Schemas['Coupon']> {
    const { api } = await this.admin();
    const { data, error } = await api.POST('/api/coupons', {
      params: {},
      body: {
        kind: 'fixed',
        value: 10_000,
        startsAt: new Date(Date.now() - 60_000).toISOString(),
        endsAt: new Date(Date.now() + 3_600_000).toISOString(),
        ...terms,
      },
    });
    if (data === undefined) throw new Error(`no coupon: ${JSON.stringify(error)}`);
    return data;
  }

  async usageOf({ id }: { id: string }): Promise<Schemas['CouponUsage']> {
    const { api } = await this.admin();
    const { data } = await api.GET('/api/coupons/{id}/usage', { params: { path: { id }, query: { limit: 100 } as never } });
    if (data === undefined) throw new Error('the usage cannot be read');
    return data;
  }

  /** Moves an order through these statuses, as staff does. */
  async moved(order: { id: string }, ...statuses: Order['status'][]): Promise<Order> {
    let last: Order | undefined;
    for (const status of statuses) {
      const answer = await this.send(await this.admin(), 'PATCH', `/api/orders/${order.id}/status`, { status });
      if (answer.status !== 200) throw new Error(`not ${status}: ${await answer.text()}`);
      last = (await answer.json()) as Order;
    }
    return last as Order;
  }

  async paymentsOf(customer: Customer, order: { id: string }): Promise<Schemas['OrderPayments']> {
    const { data } = await customer.api.GET('/api/payments/order/{orderId}', { params: { path: { orderId: order.id } } });
    if (data === undefined) throw new Error('the payments cannot be read');
    return data;
  }

  /** Pays at Razorpay and waits until the shop has heard of it. */
  async paid(customer: Customer, order: { id: string }): Promise<Order> {
    const { razorpayOrderId } = await this.razorpayOrder(customer, order.id);
    await this.razorpay('POST', '/payments', { orderId: razorpayOrderId, mode: 'auto' });
    return this.orderBecomes(customer, order.id, 'confirmed');
  }

  async razorpayOrder(customer: Customer, orderId: string): Promise<Schemas['PaymentOrder']> {
    const { data, error } = await customer.api.POST('/api/payments/create-order', { params: {}, body: { orderId } });
    if (data === undefined) throw new Error(`no Razorpay order: ${JSON.stringify(error)}`);
    return data;
  }

  /** Reads the order until it has this status. */
  async orderBecomes(
    customer: Customer,
    orderId: string,
    status: Order['status'] | readonly Order['status'][],
    limitMs = 60_000,
  ): Promise<Order> {
    const wanted = typeof status === 'string' ? [status] : status;
    let last: Order | undefined;
    await eventually(async () => {
      const { data } = await customer.api.GET('/api/orders/{id}', { params: { path: { id: orderId } } });
      last = data;
      return data !== undefined && wanted.includes(data.status);
    }, limitMs).catch(() => {
      throw new Error(`order ${orderId} is ${last?.status} and not ${wanted.join(' or ')}`);
    });
    return last as Order;
  }

  /** A request as bytes, for what the typed client would not send. */
  send(
    customer: Customer | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(customer === undefined ? {} : { authorization: `Bearer ${customer.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
  }

  /** Every Redis of the stack forgets everything. */
  async flushRedis(): Promise<void> {
    for (const url of new Set(Object.values(this.stack.redisUrls))) {
      const client = new Redis(url);
      await client.flushall();
      client.disconnect();
    }
  }

  /** Razorpay's controls: see doubles/razorpay/README.md. */
  async razorpay<T = Record<string, never>>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const { razorpay } = this.stack;
    if (razorpay === undefined) throw new Error('the stack runs without the simulator');
    const answer = await fetch(`${razorpay.controlUrl}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`the simulator refused ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  private signedIn({ accessToken, user }: Schemas['SignedIn']): Customer {
    return { api: createApiClient({ baseUrl: this.url, accessToken: () => accessToken }), user, token: accessToken };
  }
}
