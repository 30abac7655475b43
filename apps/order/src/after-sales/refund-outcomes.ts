import { Injectable } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import type { RefundChanged, RefundedAtRazorpay } from '#libs/contracts/payment/messages';
import type { RefundState } from '#libs/contracts/payment/views';
import type { Transaction } from '#libs/persistence/transaction';

import { CreditNotes } from '../invoice/credit-notes.ts';
import { OrderSignals } from '../order.signals.ts';
import { publishChange } from '../order-changed.ts';
import { RefundRepository, type RefundRow } from './refund.repository.ts';

/** Books what payment tells of refunds: those that orders asked for, and those made at Razorpay. */
@Injectable()
export class RefundOutcomes {
  constructor(
    private readonly repository: RefundRepository,
    private readonly signals: OrderSignals,
    private readonly creditNotes: CreditNotes,
  ) {}

  /** Counts a refund that the order did not ask for like its own. Refunds of rejected captures are ignored. */
  async adopt(refund: RefundedAtRazorpay, transaction: Transaction): Promise<void> {
    const { refundId, orderId, paymentId, amount, status } = refund;
    await this.repository.lockOrder(transaction, orderId);
    const outcome = await this.repository.captureOutcome(transaction, paymentId);
    if (outcome === undefined) throw refuse('unavailable', 'The capture of this refund is not noted yet');
    if (outcome !== 'taken') return;
    await this.repository.addUncounted(transaction, refund);
    await this.apply({ refundId, orderId, amount, status, attempt: 1 }, transaction);
  }

  /**
   * Books a refund's state in whatever order the events come: within an attempt from `pending` to `processed` or `failed`, a later attempt
   * over an earlier one, and never back from `processed`, for that money is gone. Refunds that no order asked for are ignored.
   */
  async apply(change: RefundChanged, transaction: Transaction): Promise<void> {
    const { refundId, orderId, status, attempt } = change;
    const order = await this.repository.lockOrder(transaction, orderId);
    const known = await this.repository.find(transaction, change);
    if (order === undefined || known === undefined || !isNews(known, status, attempt ?? known.attempt)) return;
    const requested = (status === 'failed' ? 0 : known.amount) - (known.state === 'failed' ? 0 : known.amount);
    // Another refund has taken what this one had freed. Payment refuses one of the two; until the order hears which, this event waits.
    if (order.refund_requested + requested > order.received) throw refuse('unavailable', 'The money of this refund is promised elsewhere');
    await this.repository.setState(transaction, refundId, status, Math.max(known.attempt, attempt ?? 0));
    // Cancelled and returned units were credited with the goods; money alone is credited when it has gone, as far as the invoice has room.
    const isMoneyAlone = known.kind === 'goodwill' || known.kind === 'dashboard';
    const credited = isMoneyAlone && status === 'processed' ? Math.min(known.amount, order.total - order.credited) : 0;
    const refunded = status === 'processed' ? known.amount : 0;
    const changed = await this.repository.addToOrder(transaction, orderId, { requested, refunded, credited });
    if (changed !== undefined) {
      transaction.afterCommit(() => this.signals.announce(changed));
      if (status === 'processed')
        publishChange(transaction, changed, changed.status, { cause: 'refund', refund: { id: refundId, amount: known.amount } });
    }
    // Last, for all sales wait for each other at the counter of its numbers.
    await this.creditNotes.issue(transaction, { orderId, refundId, reason: known.reason, lines: [], fees: 0, amount: credited });
  }
}

function isNews(known: RefundRow, state: RefundState, attempt: number): boolean {
  if (known.state === 'processed') return false;
  if (state === 'processed') return true;
  if (attempt !== known.attempt) return attempt > known.attempt;
  return known.state === 'pending' && state === 'failed';
}
