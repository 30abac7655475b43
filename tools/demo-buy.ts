/**
 * `npm run demo:buy`: buys a kurta from a running shop by HTTP, through the generated client, and prints every step. It ends with the order
 * confirmed, stock one less, and Razorpay's sandbox ledger equal to the total. `GATEWAY_URL` and `RAZORPAY_CONTROL_URL` name another shop than the local one.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApiClient, type Schemas } from '#libs/client/client';
import { razorpaySimulatorPorts, serviceOf } from '#libs/runtime/topology';
import { helpOnly } from './help.ts';
import { complain, say } from './progress.ts';

helpOnly(`npm run demo:buy

Buys a kurta from the running shop and prints every step. GATEWAY_URL and RAZORPAY_CONTROL_URL name another shop than the local one.`);

const offset = Number(process.env.PORT_OFFSET ?? 0);
const gateway = process.env.GATEWAY_URL ?? `http://localhost:${serviceOf('gateway').port + offset}`;
const control = process.env.RAZORPAY_CONTROL_URL ?? `http://127.0.0.1:${razorpaySimulatorPorts.control + offset}`;

/** Milliseconds between two looks at the stock after the purchase, and how many there are. */
const STOCK_LOOK_MS = 100;
const STOCK_LOOKS = 50;

let accessToken: string | undefined;
const api = createApiClient({ baseUrl: gateway, accessToken: () => accessToken });

class StepFailed extends Error {}

/** The answer's body; a refusal ends the demo with its problem document. */
async function taken<T>(what: string, answer: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await answer;
  if (data === undefined) throw new StepFailed(`${what}: ${JSON.stringify(error)}`);
  return data;
}

const rupees = (paise: number): string => `₹${(paise / 100).toLocaleString('en-IN', { minimumFractionDigits: 2 })}`;
const step = (name: string, outcome: string): void => say(`  ✓ ${name.padEnd(16)} ${outcome}`);

async function chooseKurta(): Promise<Schemas['ProductDetail']> {
  const { items } = await taken(
    'list',
    api.GET('/api/products', { params: { query: { category: 'kurtas', inStock: true, limit: 5 } as never } }),
  );
  const [kurta] = items;
  if (kurta === undefined) throw new StepFailed('The catalogue has no kurta in stock; is the demo shop seeded?');
  return taken('detail', api.GET('/api/products/{id}', { params: { path: { id: kurta.slug } } }));
}

/** Exact stock is for staff; the demo shop's admin reads it. */
async function onHand(productId: string, variantId: string): Promise<number> {
  const body = { email: process.env.ADMIN_EMAIL || 'admin@only2u.test', password: process.env.ADMIN_PASSWORD || 'only for the demo shop' };
  const admin = await taken('admin login', createApiClient({ baseUrl: gateway }).POST('/api/auth/login', { body }));
  const staff = createApiClient({ baseUrl: gateway, accessToken: () => admin.accessToken });
  const stock = await taken(
    'stock',
    staff.GET('/api/products/{id}/variants/{variantId}/stock', { params: { path: { id: productId, variantId } } }),
  );
  return stock.onHand;
}

async function buy(): Promise<void> {
  const signedIn = await taken(
    'register',
    api.POST('/api/auth/register', {
      body: { email: `demo-${randomUUID().slice(0, 8)}@example.com`, password: 'saffron kites over jaipur', name: 'Demo Customer' },
    }),
  );
  accessToken = signedIn.accessToken;
  step('registered', signedIn.user.email ?? '');

  const kurta = await chooseKurta();
  const variant =
    kurta.variants.find((one) => one.availability === 'in_stock') ?? kurta.variants.find((one) => one.availability !== 'out_of_stock');
  if (variant === undefined) throw new StepFailed('That kurta was sold out a moment ago; run the demo again');
  step('chose', `${kurta.name}, ${variant.size}, ${variant.color}, ${rupees(variant.price)}`);

  const before = await onHand(kurta.id, variant.id);

  const cart = await taken(
    'add to cart',
    api.POST('/api/cart/{userId}/items', { params: { path: { userId: 'me' } }, body: { variantId: variant.id, quantity: 1 } }),
  );
  step('cart', `${cart.items.length} line, shipping ${rupees(cart.shippingFee)}, total ${rupees(cart.total)}`);

  const address = await taken(
    'address',
    api.POST('/api/auth/addresses', {
      params: {},
      body: {
        name: 'Demo Customer',
        phone: '+919876543210',
        line1: '14, 3rd Cross, Indiranagar',
        city: 'Bengaluru',
        state: 'Karnataka',
        pincode: '560038',
        country: 'IN',
      },
    }),
  );
  const order = await taken(
    'order',
    api.POST('/api/orders', {
      params: { header: { 'Idempotency-Key': randomUUID() } },
      body: { addressId: address.id, paymentMethod: 'razorpay', expectedTotal: cart.total },
    }),
  );
  step('ordered', `${order.number}, ${order.status}, GST in it ${rupees(order.tax.cgst + order.tax.sgst + order.tax.igst)}`);

  const payment = await taken('create-order', api.POST('/api/payments/create-order', { params: {}, body: { orderId: order.id } }));
  step('Razorpay order', `${payment.razorpayOrderId}, ${rupees(payment.amount)}`);

  const paid = await sandbox<{ paymentId: string; signature: string }>('POST', '/payments', {
    orderId: payment.razorpayOrderId,
    mode: 'auto',
  });
  const verified = await taken(
    'verify',
    api.POST('/api/payments/verify', {
      params: {},
      body: {
        orderId: order.id,
        razorpayOrderId: payment.razorpayOrderId,
        razorpayPaymentId: paid.paymentId,
        razorpaySignature: paid.signature,
      },
    }),
  );
  step('paid', `${paid.paymentId}, ${verified.status}`);
  if (verified.order.status !== 'confirmed') throw new StepFailed(`The order is ${verified.order.status}`);

  const captured = (await sandbox<{ payments: { order_id: string; amount: number; captured: boolean }[] }>('GET', '/ledger')).payments
    .filter((one) => one.order_id === payment.razorpayOrderId && one.captured)
    .reduce((sum, one) => sum + one.amount, 0);
  if (captured !== order.total) throw new StepFailed(`Razorpay's ledger has ${rupees(captured)} and not ${rupees(order.total)}`);
  step('ledger', `${rupees(captured)}, equal to the total`);
  // Product hears of the sale a moment after the customer.
  let after = await onHand(kurta.id, variant.id);
  for (let looks = 1; after === before && looks < STOCK_LOOKS; looks += 1) {
    await sleep(STOCK_LOOK_MS);
    after = await onHand(kurta.id, variant.id);
  }
  if (after !== before - 1) throw new StepFailed(`The stock went from ${before} to ${after}; another buyer may have been quicker`);
  step('stock', `${before} before, ${after} now`);
  step('order', verified.order.status);
}

async function sandbox<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  const answer = await fetch(`${control}${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new StepFailed(`The Razorpay sandbox refused ${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

say(`A purchase at ${gateway}`);
try {
  await buy();
} catch (error) {
  complain(
    error instanceof StepFailed
      ? `\n  ✗ ${error.message}`
      : `\n  ✗ The shop cannot be reached: ${error instanceof Error ? error.message : error}. Is npm start running?`,
  );
  process.exitCode = 1;
}
