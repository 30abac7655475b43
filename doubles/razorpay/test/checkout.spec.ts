import { expect, it } from 'vitest';
import type { Simulator } from '../simulator.ts';
import { signCheckout } from '../webhook-event.ts';
import { keySecret, newOrder, sandbox } from './sandbox.ts';

interface Page {
  status: number;
  html: string;
  result: { status: string | undefined; paymentId: string | undefined };
  headers: Headers;
}

async function read(response: Response): Promise<Page> {
  const html = await response.text();
  const [, status, paymentId] = /id="result"[^>]*data-status="([^"]*)" data-payment-id="([^"]*)"/.exec(html) ?? [];
  return { status: response.status, html, result: { status, paymentId }, headers: response.headers };
}

async function open({ url }: Simulator, orderId: string, query = ''): Promise<Page> {
  return read(await fetch(`${url}/checkout/${orderId}${query}`));
}

async function press({ url }: Simulator, orderId: string, action: string, fields: Record<string, string> = {}): Promise<Page> {
  return read(await fetch(`${url}/checkout/${orderId}`, { method: 'POST', body: new URLSearchParams({ action, ...fields }) }));
}

function hiddenFields(html: string): Record<string, string> {
  const form = html.slice(html.indexOf('<form id="callback"'));
  return Object.fromEntries(
    [...form.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
}

it('shows the amount in rupees, the methods and the three buttons, and has no field for a card number', async () => {
  const simulator = await sandbox();
  const { id } = await newOrder(simulator, { amount: 12_345_600 });
  const { status, html } = await open(simulator, id, '?name=Only2U');
  expect(status).toBe(200);
  expect(html).toContain('₹1,23,456.00');
  expect(html).toContain('Only2U');
  expect(html).toContain('Sandbox');
  for (const button of ['pay', 'fail', 'late']) expect(html).toContain(`id="${button}"`);
  const inputs = [...html.matchAll(/<input[^>]*type="(\w+)"/g)].map(([, type]) => type);
  expect(new Set(inputs)).toEqual(new Set(['radio', 'hidden']));
  // Nothing comes from elsewhere.
  expect(html).not.toMatch(/(?:src|href)="https?:/);
});

it.each([
  ['pay', 'captured', 'captured'],
  ['fail', 'failed', 'failed'],
  ['late', 'failed', 'failed'],
])('%s ends on a page that says %s, with the payment’s id', async (action, shown, status) => {
  const simulator = await sandbox();
  const { id } = await newOrder(simulator);
  const page = await press(simulator, id, action, { method: 'card' });
  const [payment] = simulator.ledger().payments;
  expect(payment).toMatchObject({ status, method: 'card', order_id: id });
  expect(page).toMatchObject({ status: 200, result: { status: shown, paymentId: payment?.id } });
});

it('pays once, however often the result is reloaded or the button pressed', async () => {
  const simulator = await sandbox();
  const { id } = await newOrder(simulator);
  const response = await fetch(`${simulator.url}/checkout/${id}`, {
    method: 'POST',
    body: new URLSearchParams({ action: 'pay' }),
    redirect: 'manual',
  });
  expect(response.status).toBe(303);
  const result = `${simulator.url}${response.headers.get('location')}`;
  for (let reload = 0; reload < 3; reload += 1) expect((await read(await fetch(result))).result.status).toBe('captured');
  expect(await press(simulator, id, 'pay')).toMatchObject({ status: 409, result: { status: 'paid' } });
  const again = await open(simulator, id);
  expect(again).toMatchObject({ status: 200, result: { status: 'paid', paymentId: simulator.ledger().payments[0]?.id } });
  expect(again.html).not.toContain('id="pay"');
  expect(simulator.ledger().payments).toHaveLength(1);
});

it('authorises a late payment by itself after the time set for it', async () => {
  const simulator = await sandbox({ settings: { lateAfterMs: 60_000 } });
  const { id } = await newOrder(simulator);
  await press(simulator, id, 'late');
  simulator.controls.advance(61);
  expect(simulator.ledger().payments[0]?.status).toBe('captured');
});

it('leads back to the shop by a form with the three fields that Checkout posts', async () => {
  const simulator = await sandbox();
  const { id } = await newOrder(simulator);
  const callback = 'https://shop.example/back?cart=1&x=2';
  const { html } = await press(simulator, id, 'pay', { callback_url: callback });
  const paymentId = simulator.ledger().payments[0]?.id ?? '';
  expect(html).toContain('<form id="callback" method="post" action="https://shop.example/back?cart=1&amp;x=2">');
  expect(hiddenFields(html)).toEqual({
    razorpay_payment_id: paymentId,
    razorpay_order_id: id,
    razorpay_signature: signCheckout(id, paymentId, keySecret),
  });
});

it('gives no signature for a failed payment, but the error, and another try', async () => {
  const simulator = await sandbox();
  const { id } = await newOrder(simulator);
  const { html } = await press(simulator, id, 'fail', { callback_url: 'http://127.0.0.1:3000/back' });
  expect(html).not.toContain('razorpay_signature');
  expect(hiddenFields(html)).toMatchObject({ 'error[code]': 'BAD_REQUEST_ERROR', 'error[reason]': 'payment_failed' });
  expect(html).toContain(`href="/checkout/${id}?name=Sandbox+shop&amp;callback_url=`);
});

it('follows no callback but http and https', async () => {
  const simulator = await sandbox();
  for (const callback of ['javascript:alert(1)', 'data:text/html,x', '//shop.example', 'back', 'ftp://shop.example/']) {
    const { id } = await newOrder(simulator);
    const { html } = await press(simulator, id, 'pay', { callback_url: callback });
    expect(html).not.toContain('id="callback"');
  }
});

it('shows foreign text as text, and runs no script but its own', async () => {
  const simulator = await sandbox();
  const hostile = `" onfocus="x' onblur='y"><script>alert(1)</script><style>`;
  const { id } = await newOrder(simulator, { receipt: hostile.slice(-40) });
  const { html, headers } = await open(
    simulator,
    id,
    `?${new URLSearchParams({ name: hostile, callback_url: `https://x.example/${hostile}` })}`,
  );
  expect(html).not.toContain('<script');
  expect(html).not.toMatch(/on(?:focus|blur)=["']/);
  expect(html.match(/<style/g)).toHaveLength(1);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^default-src 'none'; style-src 'nonce-[^']+'; script-src 'nonce-[^']+'; base-uri 'none'$/);
});

it('answers 404 for orders, and for payments of other orders, that do not exist', async () => {
  const simulator = await sandbox();
  expect(await open(simulator, 'order_00000000000000')).toMatchObject({ status: 404, result: { status: 'not-found' } });
  expect((await open(simulator, encodeURIComponent('../v1/orders'))).status).toBe(404);
  expect((await press(simulator, 'order_00000000000000', 'pay')).status).toBe(404);
  const [one, other] = [await newOrder(simulator), await newOrder(simulator)];
  const { paymentId } = simulator.controls.pay({ orderId: one.id });
  expect((await open(simulator, `${other.id}/payments/${paymentId}`)).status).toBe(404);
});
