import { checkoutStyle } from './checkout-style.ts';
import type { Order, Payment, PaymentMethod } from './entities.ts';

export interface PageContext {
  shop: string;
  /** Already known to be http(s). */
  callbackUrl: string | undefined;
}

const methods: Record<PaymentMethod, { title: string; hint: string; icon: string }> = {
  upi: { title: 'UPI', hint: 'Test UPI id success@razorpay', icon: '<path d="M7 3l6 9-6 9V3zm7 3l4 6-4 6"/>' },
  card: {
    title: 'Card',
    hint: 'Test Visa ending in 1111',
    icon: '<rect x="2.5" y="5" width="19" height="14" rx="2.5"/><path d="M2.5 10h19M6 15h4"/>',
  },
  netbanking: {
    title: 'Netbanking',
    hint: 'Test account at HDFC Bank',
    icon: '<path d="M3 9.5L12 4l9 5.5M5 10v8m4.7-8v8m4.6-8v8M19 10v8M3 20.5h18"/>',
  },
};

/** The page to choose a method on and to pay, fail or be late. */
export function payPage(order: Order, context: PageContext): string {
  const amount = money(order.amount_due, order.currency);
  const choices = Object.entries(methods).map(
    ([value, { title, hint, icon }], index) => `
      <label class="method" for="method-${value}">
        <input type="radio" name="method" id="method-${value}" value="${value}"${index === 0 ? ' checked' : ''}>
        ${glyph(icon)}
        <span><strong>${title}</strong><small>${hint}</small></span>
      </label>`,
  );
  const retry = order.attempts > 0 ? '<p class="note" role="status">An earlier attempt was not successful. You can try again.</p>' : '';
  return page(
    `Pay ${amount}`,
    order,
    context,
    `<h1>How would you like to pay?</h1>
    ${retry}
    <form method="post" action="/checkout/${order.id}">
      ${hidden({ name: context.shop, callback_url: context.callbackUrl })}
      <fieldset><legend class="hidden">Payment method</legend>${choices.join('')}
      </fieldset>
      <button id="pay" class="primary" name="action" value="pay">Pay ${amount}</button>
      <div class="others" role="group" aria-label="Other outcomes">
        <button id="fail" name="action" value="fail">Fail this payment</button>
        <button id="late" name="action" value="late">Pay late (authorised later)</button>
      </div>
    </form>`,
  );
}

/** What became of a payment; with a callback it leads back to the shop as Razorpay's checkout does. `signature` only when it was authorised. */
export function resultPage(order: Order, payment: Payment, signature: string | undefined, context: PageContext): string {
  const { title, text, tone, icon } = outcomeOf(payment);
  const fields =
    signature === undefined
      ? errorFields(payment)
      : { razorpay_payment_id: payment.id, razorpay_order_id: order.id, razorpay_signature: signature };
  const again = `/checkout/${order.id}?${new URLSearchParams({ name: context.shop, ...(context.callbackUrl && { callback_url: context.callbackUrl }) })}`;
  return page(
    title,
    order,
    context,
    `<div id="result" class="result ${tone}" role="status" data-status="${payment.status}" data-payment-id="${payment.id}">
      ${glyph(icon)}
      <h1>${title}</h1>
      <p>${text}</p>
      <dl>
        <dt>Payment id</dt><dd><code>${payment.id}</code></dd>
        <dt>Method</dt><dd>${methods[payment.method].title}</dd>
        <dt>Amount</dt><dd>${money(payment.amount, payment.currency)}</dd>
      </dl>
    </div>
    ${signature === undefined && order.status !== 'paid' ? `<a id="retry" class="primary" href="${escaped(again)}">Try again</a>` : ''}
    ${returnForm(context, fields, signature !== undefined)}`,
  );
}

/** For an order that takes no more payments. */
export function alreadyPaidPage(order: Order, payment: Payment | undefined, context: PageContext): string {
  return page(
    'Already paid',
    order,
    context,
    `<div id="result" class="result good" role="status" data-status="paid" data-payment-id="${payment?.id ?? ''}">
      ${glyph(tick)}
      <h1>This order is already paid</h1>
      <p>Nothing was charged again. You can close this page.</p>
      ${payment === undefined ? '' : `<dl><dt>Payment id</dt><dd><code>${payment.id}</code></dd></dl>`}
    </div>`,
  );
}

export function notFoundPage(context: PageContext): string {
  return page(
    'Order not found',
    undefined,
    context,
    `<div id="result" class="result bad" role="status" data-status="not-found" data-payment-id="">
      ${glyph(cross)}
      <h1>There is no such order</h1>
      <p>The link may be incomplete, or the sandbox was reset since the order was made.</p>
    </div>`,
  );
}

const tick = '<circle cx="12" cy="12" r="9"/><path d="M8 12.5l2.7 2.7L16 9.5"/>';
const cross = '<circle cx="12" cy="12" r="9"/><path d="M9 9l6 6m0-6l-6 6"/>';
const clock = '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.2l3.2 2"/>';

function outcomeOf({ status, captured, error_reason: reason }: Payment): { title: string; text: string; tone: string; icon: string } {
  if (captured) return { title: 'Payment successful', text: 'The money has been captured.', tone: 'good', icon: tick };
  if (status === 'authorized')
    return { title: 'Payment authorised', text: 'The money is reserved; the shop has to capture it.', tone: 'good', icon: tick };
  if (status === 'refunded') return { title: 'Payment returned', text: 'Nobody captured it in time.', tone: 'wait', icon: clock };
  if (reason === 'payment_pending')
    return {
      title: 'Waiting for the bank',
      text: 'The bank has not answered, so the payment counts as failed for now. It will be authorised later.',
      tone: 'wait',
      icon: clock,
    };
  return { title: 'Payment failed', text: 'The bank declined this payment. Nothing was charged.', tone: 'bad', icon: cross };
}

function errorFields({
  id,
  order_id,
  error_code,
  error_description,
  error_source,
  error_step,
  error_reason,
}: Payment): Record<string, string> {
  return {
    'error[code]': error_code ?? '',
    'error[description]': error_description ?? '',
    'error[source]': error_source ?? '',
    'error[step]': error_step ?? '',
    'error[reason]': error_reason ?? '',
    'error[metadata]': JSON.stringify({ payment_id: id, order_id }),
  };
}

function returnForm({ callbackUrl, shop }: PageContext, fields: Record<string, string>, isAutomatic: boolean): string {
  if (callbackUrl === undefined) return '';
  const button = `<button id="continue" class="${isAutomatic ? 'primary' : 'plain'}">Return to ${escaped(shop)}</button>`;
  const form = `<form id="callback" method="post" action="${escaped(callbackUrl)}">${hidden(fields)}${button}</form>`;
  if (!isAutomatic) return form;
  return `${form}<p class="note">Taking you back in a moment…</p>
    <script>setTimeout(() => document.getElementById('callback').submit(), 2500);</script>`;
}

function page(title: string, order: Order | undefined, { shop }: PageContext, content: string): string {
  const summary =
    order === undefined
      ? ''
      : `<p class="label">Amount</p><p class="amount" id="amount">${money(order.amount, order.currency)}</p>
        <dl>${order.receipt === null ? '' : `<dt>Receipt</dt><dd>${escaped(order.receipt)}</dd>`}<dt>Order</dt><dd><code>${order.id}</code></dd></dl>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)} · Sandbox</title>
<style>${checkoutStyle}</style>
</head>
<body>
<p class="ribbon"><strong>Sandbox</strong> No real money moves on this page.</p>
<main>
  <aside aria-label="Order">
    <div class="shop"><span class="monogram" aria-hidden="true">${escaped([...shop][0]?.toUpperCase() ?? '')}</span><span>${escaped(shop)}</span></div>
    ${summary}
  </aside>
  <section>${content}</section>
</main>
</body>
</html>`;
}

function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en-IN', { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

function glyph(shape: string): string {
  return `<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">${shape}</svg>`;
}

function hidden(fields: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(fields)
    .filter((field): field is [string, string] => field[1] !== undefined)
    .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
