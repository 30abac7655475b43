import type { Account } from './account.ts';
import type { Notes, Payment, PaymentRecord, RefundRecord } from './entities.ts';
import { newId, randomSuffix } from './identifiers.ts';
import { invalid } from './razorpay-error.ts';

export interface RefundRequest {
  /** Paise; without it everything that is left. */
  amount: number | undefined;
  speed: 'normal' | 'optimum';
  receipt: string | null;
  notes: Notes;
}

// Razorpay: "not possible for a payment which is more than 6 months old".
const refundableForSeconds = 183 * 24 * 60 * 60;

/** `POST /v1/payments/:id/refund`. Refused for what is not captured or under an open dispute, and above what refunds and lost disputes left of the capture. */
export function createRefund(account: Account, paymentId: string, request: RefundRequest): RefundRecord {
  const payment = account.payment(paymentId);
  const amount = refundable(account, payment, request.amount);
  const tooOld = account.clock.seconds() > payment.entity.created_at + refundableForSeconds;
  const record: RefundRecord = {
    entity: {
      id: newId('rfnd'),
      entity: 'refund',
      amount,
      currency: payment.entity.currency,
      payment_id: paymentId,
      notes: request.notes,
      receipt: request.receipt,
      acquirer_data: { arn: null },
      created_at: account.clock.seconds(),
      batch_id: null,
      status: 'pending',
      speed_processed: request.speed === 'optimum' ? 'instant' : 'normal',
      speed_requested: request.speed,
    },
    processedAt: null,
  };
  count(payment.entity, amount);
  account.save({ kind: 'payment', record: payment });
  account.save({ kind: 'refund', record });
  account.announce('refund.created', { refund: record.entity, payment: payment.entity });
  if (tooOld && request.speed === 'normal') failRefund(account, record.entity.id);
  else if (account.settings.refundMode === 'instant') processRefund(account, record.entity.id);
  return record;
}

/** The bank has paid a pending refund out. */
export function processRefund(account: Account, refundId: string): RefundRecord {
  const record = pending(account, refundId);
  record.entity.status = 'processed';
  record.entity.acquirer_data = { arn: randomSuffix() };
  record.processedAt = account.clock.seconds();
  account.save({ kind: 'refund', record });
  account.announce('refund.processed', { refund: record.entity, payment: account.payment(record.entity.payment_id).entity });
  return record;
}

/** The bank could not pay a pending refund out: its amount can be refunded again. */
export function failRefund(account: Account, refundId: string): RefundRecord {
  const record = pending(account, refundId);
  const payment = account.payment(record.entity.payment_id);
  record.entity.status = 'failed';
  count(payment.entity, -record.entity.amount);
  account.save({ kind: 'payment', record: payment });
  account.save({ kind: 'refund', record });
  account.announce('refund.failed', { refund: record.entity, payment: payment.entity });
  return record;
}

function pending(account: Account, refundId: string): RefundRecord {
  const record = account.refund(refundId);
  if (record.entity.status !== 'pending') throw invalid(`The refund is already ${record.entity.status}`);
  return record;
}

function refundable(account: Account, { entity }: PaymentRecord, amount: number | undefined): number {
  if (!entity.captured) throw invalid('The payment status should be captured for action to be taken');
  const disputes = [...account.disputes.values()].filter((dispute) => dispute.entity.payment_id === entity.id);
  const lost = disputes.reduce((sum, dispute) => sum + dispute.entity.amount_deducted, 0);
  const left = entity.amount - entity.amount_refunded - lost;
  if (left <= 0) throw invalid('The payment has been fully refunded already');
  const disputed = disputes.some((dispute) => dispute.entity.status === 'open' || dispute.entity.status === 'under_review');
  if (disputed) throw invalid('The payment is under dispute and cannot be refunded');
  if (amount !== undefined && amount > left) throw invalid('The refund amount provided is greater than amount captured', 'amount');
  return amount ?? left;
}

function count(payment: Payment, amount: number): void {
  payment.amount_refunded += amount;
  const isFull = payment.amount_refunded === payment.amount;
  payment.refund_status = payment.amount_refunded === 0 ? null : isFull ? 'full' : 'partial';
  payment.status = isFull ? 'refunded' : 'captured';
}
