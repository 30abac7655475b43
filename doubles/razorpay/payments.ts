import type { Account } from './account.ts';
import type { OrderRecord, Payment, PaymentMethod, PaymentRecord } from './entities.ts';
import { newId, randomSuffix } from './identifiers.ts';
import { invalid } from './razorpay-error.ts';

/** `auto` captures, `manual` only authorises, `late` fails until the bank's answer comes, `failed` fails. */
export const PAYMENT_MODES = ['auto', 'manual', 'late', 'failed'] as const;
export type PaymentMode = (typeof PAYMENT_MODES)[number];

export interface PaymentAttempt {
  orderId: string;
  /** Default: `auto`, or `manual` where the order asks for manual capture. */
  mode?: PaymentMode | undefined;
  method?: PaymentMethod | undefined;
  /** With `upi`. Default: Razorpay's test id, which all payers then share. */
  vpa?: string | undefined;
  /** With `card`: its last digits. Default: those of the test card. */
  last4?: string | undefined;
  /** Paise. Default: the order's. Another one makes a mismatch that Razorpay itself would not let happen. */
  amount?: number | undefined;
  currency?: string | undefined;
  /** With mode `late`: ms until the bank's answer comes by itself; null: it does not. */
  lateAfterMs?: number | null | undefined;
  /** Makes the order `paid` by a capture that does not cover it. */
  settlesOrder?: boolean | undefined;
}

const declinedAsPaid = 'Your payment has been declined as the order is already paid. Please initiate the payment with a new order.';
// Razorpay's standard plan: 2 % and 18 % GST on that.
const feePerMille = 20;
const gstPercent = 18;

/** A customer tries to pay. Refused once the order is paid. */
export function payOrder(account: Account, attempt: PaymentAttempt): PaymentRecord {
  const order = account.order(attempt.orderId);
  if (order.entity.status === 'paid') throw invalid(declinedAsPaid);
  const mode = attempt.mode ?? (order.capture.mode === 'manual' ? 'manual' : 'auto');
  const record: PaymentRecord = { entity: newPayment(account, order, attempt), capturedAt: null, authoriseAt: null, returnAt: null };
  order.entity.attempts += 1;
  order.entity.status = 'attempted';
  if (mode === 'late' || mode === 'failed') {
    Object.assign(record.entity, mode === 'late' ? noAnswer : declined);
    if (mode === 'late' && typeof attempt.lateAfterMs === 'number') record.authoriseAt = account.clock.milliseconds() + attempt.lateAfterMs;
  }
  account.save({ kind: 'order', record: order });
  account.save({ kind: 'payment', record });
  if (record.entity.status === 'failed') {
    account.announce('payment.failed', { payment: record.entity });
    armPayment(account, record);
    return record;
  }
  authorise(account, order, record);
  if (mode === 'auto') capture(account, order, record, attempt.settlesOrder);
  return record;
}

/** The bank's answer to a payment that had failed. Captured automatically where the order and the time allow, else left `authorized`. */
export function authoriseLate(account: Account, paymentId: string): PaymentRecord {
  const record = account.payment(paymentId);
  const { entity } = record;
  if (entity.status === 'authorized' || entity.status === 'captured') return record;
  if (entity.status !== 'failed') throw invalid('Only a failed payment can be authorised late');
  const order = account.order(entity.order_id);
  Object.assign(entity, noError);
  authorise(account, order, record);
  const minutes = order.capture.automaticExpiryMinutes;
  const inTime = minutes === null || account.clock.seconds() <= entity.created_at + minutes * 60;
  if (order.capture.mode === 'automatic' && order.entity.status !== 'paid' && inTime) capture(account, order, record);
  return record;
}

/** `POST /v1/payments/:id/capture` */
export function capturePayment(account: Account, paymentId: string, amount: number, currency: string): PaymentRecord {
  const record = account.payment(paymentId);
  const { entity } = record;
  if (entity.captured) throw invalid('This payment has already been captured');
  if (entity.status !== 'authorized') throw invalid('Only payments which have been authorized and not yet captured can be captured');
  if (amount !== entity.amount) throw invalid('Capture amount must be equal to the amount authorized', 'amount');
  if (currency !== entity.currency) throw invalid('Capture currency must be equal to the currency authorized', 'currency');
  const order = account.order(entity.order_id);
  if (order.entity.status === 'paid') throw invalid(declinedAsPaid);
  capture(account, order, record);
  return record;
}

/** Sets the timers that belong to a payment's state; also after a restart. */
export function armPayment(account: Account, record: PaymentRecord): void {
  const { entity, authoriseAt, returnAt } = record;
  if (entity.status === 'failed' && authoriseAt !== null)
    account.clock.at(authoriseAt, () => {
      if (entity.status === 'failed') authoriseLate(account, entity.id);
    });
  if (entity.status === 'authorized' && returnAt !== null)
    account.clock.at(returnAt, () => {
      if (entity.status === 'authorized') giveBack(account, record);
    });
}

function authorise(account: Account, order: OrderRecord, record: PaymentRecord): void {
  record.entity.status = 'authorized';
  record.authoriseAt = null;
  const minutes = order.capture.manualExpiryMinutes;
  const seconds = minutes === null ? account.settings.authorisedForSeconds : minutes * 60;
  record.returnAt = Math.max(record.entity.created_at + seconds, account.clock.seconds()) * 1000;
  account.save({ kind: 'payment', record });
  account.announce('payment.authorized', { payment: record.entity });
  armPayment(account, record);
}

function capture(account: Account, order: OrderRecord, record: PaymentRecord, settles?: boolean): void {
  const { entity } = record;
  const fee = Math.round((entity.amount * feePerMille) / 1000);
  entity.tax = Math.round((fee * gstPercent) / 100);
  entity.fee = fee + entity.tax;
  entity.status = 'captured';
  entity.captured = true;
  record.capturedAt = account.clock.seconds();
  record.returnAt = null;
  account.save({ kind: 'payment', record });
  account.announce('payment.captured', { payment: entity });
  if (entity.currency === order.entity.currency) {
    order.entity.amount_paid += entity.amount;
    order.entity.amount_due = Math.max(0, order.entity.amount - order.entity.amount_paid);
  }
  if (!(settles ?? (entity.currency === order.entity.currency && order.entity.amount_due === 0))) {
    account.save({ kind: 'order', record: order });
    return;
  }
  order.entity.status = 'paid';
  account.save({ kind: 'order', record: order });
  account.announce('order.paid', { payment: entity, order: order.entity });
}

/** What nobody captured goes back to the customer. It was never the merchant's, so there is no refund object and no event. */
function giveBack(account: Account, record: PaymentRecord): void {
  record.entity.status = 'refunded';
  record.entity.amount_refunded = record.entity.amount;
  record.entity.refund_status = 'full';
  record.returnAt = null;
  account.save({ kind: 'payment', record });
}

const declined = {
  status: 'failed',
  error_code: 'BAD_REQUEST_ERROR',
  error_description: 'Your payment could not be completed as it was declined by the bank. Try another payment method.',
  error_source: 'bank',
  error_step: 'payment_authorization',
  error_reason: 'payment_failed',
} as const;

const noAnswer = {
  ...declined,
  error_description: 'The bank did not answer in time. Money that was taken comes back or the payment is authorised later.',
  error_reason: 'payment_pending',
} as const;

const noError = { error_code: null, error_description: null, error_source: null, error_step: null, error_reason: null } as const;

function newPayment(account: Account, order: OrderRecord, attempt: PaymentAttempt): Payment {
  const { method = 'upi', amount, currency } = attempt;
  return {
    id: newId('pay'),
    entity: 'payment',
    amount: amount ?? order.entity.amount,
    currency: currency ?? order.entity.currency,
    status: 'created',
    order_id: order.entity.id,
    invoice_id: null,
    international: false,
    method,
    amount_refunded: 0,
    refund_status: null,
    captured: false,
    description: null,
    card_id: null,
    bank: null,
    wallet: null,
    vpa: null,
    email: 'customer@example.com',
    contact: '+919000090000',
    notes: order.entity.notes,
    fee: null,
    tax: null,
    ...noError,
    acquirer_data: {},
    created_at: account.clock.seconds(),
    ...methodFields(method, attempt),
  };
}

function methodFields(method: PaymentMethod, { vpa = 'success@razorpay', last4 = '1111' }: PaymentAttempt): Partial<Payment> {
  if (method === 'upi') return { vpa, upi: { payer_account_type: 'bank_account', vpa }, acquirer_data: { rrn: digits(12) } };
  if (method === 'netbanking') return { bank: 'HDFC', acquirer_data: { bank_transaction_id: digits(7) } };
  const id = newId('card');
  return {
    card_id: id,
    card: {
      id,
      entity: 'card',
      name: '',
      last4,
      network: 'Visa',
      type: 'credit',
      issuer: null,
      international: false,
      emi: false,
      sub_type: 'consumer',
      token_iin: null,
    },
    acquirer_data: { auth_code: digits(6) },
  };
}

function digits(count: number): string {
  return [...randomSuffix()]
    .map((character) => character.charCodeAt(0) % 10)
    .join('')
    .slice(0, count);
}
