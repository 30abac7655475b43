import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import { invalid, notFound, Refusal, refuse } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { RefundDue } from '#libs/contracts/order/messages';
import type { ById } from '#libs/contracts/page';
import { paymentApi, type RequestRefund } from '#libs/contracts/payment/api';
import type { Refund } from '#libs/contracts/payment/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { Database, type Transaction } from '#libs/persistence/database';
import { remember } from '#libs/persistence/idempotency';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type PaymentEnv, paymentEnv } from './payment.env.ts';
import { cashIdOf } from './payment.ts';
import { RefundLedger } from './refund.ledger.ts';
import { RefundRepository, type RefundRow } from './refund.repository.ts';
import { RefundSender } from './refund.sender.ts';

/** What people ask for. Whether and how much goes back is the order's to say; here it is carried out. */
@Injectable()
export class RefundHandlers {
  constructor(
    private readonly database: Database,
    private readonly refunds: RefundRepository,
    private readonly ledger: RefundLedger,
    private readonly sender: RefundSender,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
    @InjectEnvironment(paymentEnv) private readonly env: PaymentEnv,
  ) {}

  async refund(input: RequestRefund, call: Call): Promise<Refund> {
    const { userId } = userOf(call);
    const owner = isStaff(call.actor) ? null : userId;
    const limit = this.limitOf(input, call);
    const refundId = await this.refundIdOf(call);
    const known = await this.refunds.find(refundId);
    if (known !== undefined) return answerOf(known);
    const dispute = await this.refunds.disputeOf(input.orderId, owner);
    if (dispute !== undefined) throw disputed(dispute);
    const refund = await this.carryOut(await this.giveBack(input, refundId, owner, limit));
    // A retry of an earlier refund has taken what the order thought was left. Where units were cancelled that stands, and the answer says what became of the money.
    if (input.amount !== undefined && refund.status === 'failed') throw exceeds();
    return refund;
  }

  async settleRefund({ id }: ById, call: Call): Promise<Refund> {
    return this.change(id, call, async (tx, refund) => {
      if (!(await this.ledger.settleCash(tx, refund)))
        throw paymentApi.refuse('payment.refund_not_settleable', 'Only a pending refund of cash is paid out by hand');
    });
  }

  async retryRefund({ id }: ById, call: Call): Promise<Refund> {
    return this.change(id, call, async (tx, refund) => {
      const dispute = await this.refunds.disputeOf(refund.orderId, null, tx);
      if (dispute !== undefined) throw disputed(dispute);
      const outcome = await this.ledger.retry(tx, refund);
      if (outcome === 'not_failed') throw paymentApi.refuse('payment.refund_not_retriable', 'Only a failed refund of ours is sent again');
      if (outcome === 'exceeds_capture') throw exceeds();
      tx.afterCommit(() => this.sender.wake());
    });
  }

  /** What the caller may ask for at all; answers with the paise he may give back, when there is a bound. */
  private limitOf({ amount, items }: RequestRefund, { actor }: Call): number | undefined {
    if (!isStaff(actor)) {
      if (amount !== undefined) throw refuse('forbidden', 'Only staff names an amount');
      return undefined;
    }
    if (amount !== undefined && items !== undefined) throw invalid([{ path: 'amount', message: 'may not be given together with items' }]);
    if (actor.kind === 'user' && actor.roles.includes('admin')) return undefined;
    if (amount !== undefined && amount > this.env.REFUND_SUPPORT_LIMIT) throw this.aboveLimit();
    return this.env.REFUND_SUPPORT_LIMIT;
  }

  /** One refund for each idempotency key, whatever becomes of the answer. */
  private async refundIdOf(call: Call): Promise<string> {
    const refundId = uuidv7();
    const { idempotency } = call;
    if (idempotency === undefined) return refundId;
    const keyed = { actor: userOf(call).userId, ...idempotency };
    return (await this.database.transaction((tx) => remember(tx, keyed, refundId))) ?? refundId;
  }

  private async giveBack(
    { orderId, amount, reason, items }: RequestRefund,
    refundId: string,
    userId: string | null,
    limit: number | undefined,
  ): Promise<RefundDue> {
    try {
      return await this.order.giveBack({
        refundId,
        orderId,
        userId,
        reason,
        ...(amount === undefined ? {} : { amount }),
        ...(items === undefined ? {} : { items }),
        ...(limit === undefined ? {} : { limit }),
      });
    } catch (error) {
      if (error instanceof Refusal && error.code === 'order.nothing_to_refund') throw exceeds();
      if (error instanceof Refusal && error.code === 'order.refund_above_limit') throw this.aboveLimit();
      throw error;
    }
  }

  /** The order has told us by an event too; whichever comes first makes the refund. */
  private async carryOut({ refundId, orderId, paymentId, amount, reason }: RefundDue): Promise<Refund> {
    const isKnown = await this.database.transaction(async (tx) => {
      tx.afterCommit(() => this.sender.wake());
      return this.ledger.add(tx, { id: refundId, orderId, paymentId: paymentId ?? cashIdOf(orderId), amount, reason });
    });
    // The order's event comes again until the money it names is known here.
    if (!isKnown) throw refuse('unavailable', 'The payment is still being noted; the refund follows by itself');
    return answerOf(await this.mustFind(refundId));
  }

  /** A change of one refund, once for each idempotency key; answers with the refund as it is then. */
  private async change(id: string, call: Call, work: (tx: Transaction, refund: RefundRow) => Promise<void>): Promise<Refund> {
    const refund = await this.mustFind(id);
    const { idempotency } = call;
    await this.database.transaction(async (tx) => {
      if (idempotency !== undefined && (await remember(tx, { actor: userOf(call).userId, ...idempotency }, id)) !== undefined) return;
      await work(tx, refund);
    });
    return answerOf(await this.mustFind(id));
  }

  private async mustFind(id: string): Promise<RefundRow> {
    const found = await this.refunds.find(id);
    if (found === undefined) throw notFound();
    return found;
  }

  private aboveLimit(): Refusal {
    const { REFUND_SUPPORT_LIMIT: limit } = this.env;
    return paymentApi.refuse('payment.refund_above_limit', `Support gives back up to ${limit} paise; ask an admin`);
  }
}

const answerOf = ({ id, orderId, amount, status, razorpayRefundId, createdAt }: RefundRow): Refund => ({
  id,
  orderId,
  amount,
  status,
  razorpayRefundId,
  createdAt: createdAt.toISOString(),
});

const exceeds = (): Refusal => paymentApi.refuse('payment.refund_exceeds_capture', 'That is more than is left of what was paid');

const disputed = (status: string): Refusal =>
  paymentApi.refuse(
    'payment.disputed',
    status === 'lost'
      ? 'The bank has given this money back already'
      : "The customer's bank contests this payment; nothing goes back until that is over",
  );
