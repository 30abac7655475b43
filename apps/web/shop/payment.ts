import type { Schemas } from '#libs/client/client';
import { api, askOnce } from '../parts/api.ts';
import { failureIn, wordsFor } from '../parts/failure.ts';
import { BASE } from './base.ts';

/** Goes to the payment page, which comes back to the order's page. Answers what there is to say when there is no such page. */
export async function goToPayment(orderId: string): Promise<string | undefined> {
  const { checkoutUrl } = await askOnce(`pay ${orderId}`, (header) =>
    api.POST('/api/payments/create-order', { params: { header }, body: { orderId } }),
  );
  if (checkoutUrl === null) return 'This shop takes live payments, which the demo pages do not.';
  const page = new URL(checkoutUrl);
  page.searchParams.set('name', 'Only2U');
  page.searchParams.set('callback_url', `${location.origin}${BASE}/orders/${orderId}`);
  location.assign(page);
  return undefined;
}

/** What the payment page sent back with the shopper, as the gateway put it behind the `#`. */
export function paymentAnswer(hash: string): URLSearchParams | undefined {
  const answer = new URLSearchParams(hash);
  return answer.has('razorpay_payment_id') || answer.has('error[code]') ? answer : undefined;
}

/**
 * Hands the answer to the shop. When that fails the order is confirmed all the same, by the webhook; so nothing is thrown.
 * @returns the order, or words for the shopper.
 */
export async function settlePayment(orderId: string, answer: URLSearchParams): Promise<Schemas['Order'] | string> {
  const [razorpayPaymentId, razorpayOrderId, razorpaySignature] = ['payment_id', 'order_id', 'signature'].map(
    (name) => answer.get(`razorpay_${name}`) ?? '',
  );
  if (!razorpayPaymentId || !razorpayOrderId || !razorpaySignature) {
    return answer.get('error[reason]') === 'payment_pending'
      ? 'Your bank has not answered yet. If it approves the payment, the order is confirmed by itself.'
      : 'The bank declined the payment and nothing was charged. You can try again.';
  }
  try {
    const body = { orderId, razorpayOrderId, razorpayPaymentId, razorpaySignature };
    return (await askOnce(`paid ${razorpayPaymentId}`, (header) => api.POST('/api/payments/verify', { params: { header }, body }))).order;
  } catch (error) {
    const failure = failureIn(error);
    return failure === undefined ? '' : wordsFor(failure);
  }
}
