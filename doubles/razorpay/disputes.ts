import type { Account } from './account.ts';
import type { Dispute, DisputeRecord } from './entities.ts';
import { newId } from './identifiers.ts';
import { invalid } from './razorpay-error.ts';

/** The word in a control's path, the state it leads to, and the event that tells of it. */
export const disputeSteps = {
  'under-review': { status: 'under_review', event: 'payment.dispute.under_review' },
  'action-required': { status: 'open', event: 'payment.dispute.action_required' },
  win: { status: 'won', event: 'payment.dispute.won' },
  lose: { status: 'lost', event: 'payment.dispute.lost' },
  close: { status: 'closed', event: 'payment.dispute.closed' },
} as const satisfies Record<string, { status: Dispute['status']; event: string }>;
export type DisputeStep = keyof typeof disputeSteps;

const daysToRespond = 7;

/** The customer's bank contests a captured payment. `amount` in paise, by default the whole payment. */
export function openDispute(account: Account, paymentId: string, amount?: number, phase: Dispute['phase'] = 'chargeback'): DisputeRecord {
  const payment = account.payment(paymentId);
  if (!payment.entity.captured) throw invalid('Only a captured payment can be disputed');
  if (amount !== undefined && amount > payment.entity.amount) throw invalid('A dispute cannot exceed the payment', 'amount');
  const record: DisputeRecord = {
    entity: {
      id: newId('disp'),
      entity: 'dispute',
      payment_id: paymentId,
      amount: amount ?? payment.entity.amount,
      currency: payment.entity.currency,
      amount_deducted: 0,
      reason_code: 'goods_or_services_not_received_or_partially_received',
      respond_by: account.clock.seconds() + daysToRespond * 24 * 60 * 60,
      status: 'open',
      phase,
      created_at: account.clock.seconds(),
    },
  };
  account.save({ kind: 'dispute', record });
  account.announce('payment.dispute.created', { payment: payment.entity, dispute: record.entity });
  return record;
}

/** Moves an open dispute on; won, lost and closed are final. */
export function moveDispute(account: Account, disputeId: string, step: DisputeStep): DisputeRecord {
  const record = account.dispute(disputeId);
  const { entity } = record;
  if (entity.status !== 'open' && entity.status !== 'under_review') throw invalid(`The dispute is already ${entity.status}`);
  const { status, event } = disputeSteps[step];
  entity.status = status;
  if (status === 'lost') entity.amount_deducted = entity.amount;
  account.save({ kind: 'dispute', record });
  account.announce(event, { payment: account.payment(entity.payment_id).entity, dispute: entity });
  return record;
}
