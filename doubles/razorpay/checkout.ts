import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Account } from './account.ts';
import { alreadyPaidPage, notFoundPage, type PageContext, payPage, resultPage } from './checkout-page.ts';
import { type Order, PAYMENT_METHODS, type PaymentMethod } from './entities.ts';
import { isId } from './identifiers.ts';
import { payOrder } from './payments.ts';
import { signCheckout } from './webhook-event.ts';

export interface CheckoutParts {
  readonly account: Account;
  readonly keySecret: string;
}

const actions = { pay: undefined, fail: 'failed', late: 'late' } as const;
type Action = keyof typeof actions;

interface CheckoutRequest {
  Params: { orderId: string; paymentId?: string };
  Querystring: Record<string, unknown>;
  Body: Record<string, unknown> | undefined;
}

/** The hosted page on which a customer, or a browser test, pays. It takes no payment detail at all, so none can leak. */
export function addCheckout(app: FastifyInstance, { account, keySecret }: CheckoutParts): void {
  app.get<CheckoutRequest>('/checkout/:orderId', async ({ params, query }, reply) => {
    const order = orderOf(account, params.orderId);
    const context = contextOf(query);
    if (order === undefined) return sendPage(reply, 404, notFoundPage(context));
    const paid = account.paymentsOf(order.id).find(({ entity }) => entity.captured);
    if (order.status === 'paid') return sendPage(reply, 200, alreadyPaidPage(order, paid?.entity, context));
    return sendPage(reply, 200, payPage(order, context));
  });

  app.post<CheckoutRequest>('/checkout/:orderId', async ({ params, body = {}, query }, reply) => {
    const order = orderOf(account, params.orderId);
    const context = contextOf({ ...query, ...body });
    if (order === undefined) return sendPage(reply, 404, notFoundPage(context));
    if (order.status === 'paid') return sendPage(reply, 409, alreadyPaidPage(order, undefined, context));
    const { entity } = payOrder(account, {
      orderId: order.id,
      mode: actions[actionOf(body.action)],
      method: methodOf(body.method),
      lateAfterMs: account.settings.lateAfterMs,
    });
    // See other, so that reloading the result does not pay again.
    return reply.redirect(`/checkout/${order.id}/payments/${entity.id}${queryOf(context)}`, 303);
  });

  app.get<CheckoutRequest>('/checkout/:orderId/payments/:paymentId', async ({ params, query }, reply) => {
    const order = orderOf(account, params.orderId);
    const payment = account.payments.get(params.paymentId ?? '')?.entity;
    const context = contextOf(query);
    if (order === undefined || payment?.order_id !== order.id) return sendPage(reply, 404, notFoundPage(context));
    const isGood = payment.status === 'authorized' || payment.captured;
    const signature = isGood ? signCheckout(order.id, payment.id, keySecret) : undefined;
    return sendPage(reply, 200, resultPage(order, payment, signature, context));
  });
}

function orderOf(account: Account, id: string): Order | undefined {
  return isId('order', id) ? account.orders.get(id)?.entity : undefined;
}

function sendPage(reply: FastifyReply, status: number, html: string): FastifyReply {
  // One nonce for a page: the page's own style and script run, and nothing that might have slipped into it.
  const nonce = randomBytes(16).toString('base64');
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'`)
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .send(html.replaceAll('<style>', `<style nonce="${nonce}">`).replaceAll('<script>', `<script nonce="${nonce}">`));
}

const longestUrl = 2000;
const longestName = 60;

function contextOf({ callback_url: callback, name }: Readonly<Record<string, unknown>>): PageContext {
  return {
    shop: typeof name === 'string' && name.trim() !== '' ? name.trim().slice(0, longestName) : 'Sandbox shop',
    callbackUrl: callbackOf(callback),
  };
}

/** Only http(s): a `javascript:` URL would run in the page. */
function callbackOf(callback: unknown): string | undefined {
  if (typeof callback !== 'string' || callback.length > longestUrl || !URL.canParse(callback)) return undefined;
  const url = new URL(callback);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
}

function queryOf({ shop, callbackUrl }: PageContext): string {
  return `?${new URLSearchParams({ name: shop, ...(callbackUrl !== undefined && { callback_url: callbackUrl }) })}`;
}

function actionOf(action: unknown): Action {
  return action === 'fail' || action === 'late' ? action : 'pay';
}

function methodOf(method: unknown): PaymentMethod {
  return PAYMENT_METHODS.find((known) => known === method) ?? 'upi';
}
