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
import { Database } from '#libs/persistence/database';
import { onceFor } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type PaymentEnv, paymentEnv } from './payment.env.ts';
import { cashIdOf } from './payment.ts';
import { RefundRepository, type RefundRow } from './refund.repository.ts';
import { RefundChangeRepository } from './refund-changes.repository.ts';
import { RefundSender } from './refund-sender.ts';

/** Refunds that people ask for. The order service decides whether and how much goes back; payment carries it out. */
@Injectable()
export class RefundHandlers {
  constructor(
    private readonly database: Database,
    private readonly refunds: RefundRepository,
    private readonly changes: RefundChangeRepository,
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
    if (await this.refunds.isDisputed(input.orderId, owner)) throw disputed();
    const refund = await this.make(await this.askOrder(input, refundId, owner, limit));
    // A retry of an earlier refund took what the order service thought was left. Cancelled units stay cancelled, and the answer shows the failed refund.
    if (input.amount !== undefined && refund.status === 'failed') throw exceeds();
    return refund;
  }

  async settleRefund({ id }: ById, call: Call): Promise<Refund> {
    return this.change(id, call, async (tx, refund) => {
      if (!(await this.changes.settleCash(tx, refund)))
        throw paymentApi.refuse('payment.refund_not_settleable', 'Only a pending refund of cash is paid out by hand');
    });
  }

  async retryRefund({ id }: ById, call: Call): Promise<Refund> {
    return this.change(id, call, async (tx, refund) => {
      if (await this.refunds.isDisputed(refund.orderId, null, tx)) throw disputed();
      const outcome = await this.changes.retry(tx, refund);
      if (outcome === 'not_failed') throw paymentApi.refuse('payment.refund_not_retriable', 'Only a failed refund of ours is sent again');
      if (outcome === 'exceeds_capture') throw exceeds();
      tx.afterCommit(() => this.sender.wake());
    });
  }

  /** Checks what the caller may ask for. Paise that they may give back; undefined: no bound. */
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

  /** The same id for each repeat of a request with an idempotency key. */
  private async refundIdOf(call: Call): Promise<string> {
    const id = uuidv7();
    return this.database.transaction((tx) => onceFor(tx, call, id, { make: async () => id, read: async (known) => known }));
  }

  private async askOrder(
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

  /** Makes the refund, unless the order service's event has made it already. */
  private async make({ refundId, orderId, paymentId, amount, reason }: RefundDue): Promise<Refund> {
    const isKnown = await this.database.transaction(async (tx) => {
      tx.afterCommit(() => this.sender.wake());
      return this.changes.create(tx, { id: refundId, orderId, paymentId: paymentId ?? cashIdOf(orderId), amount, reason });
    });
    // The event of the order service is repeated until the money it names is known here.
    if (!isKnown) throw refuse('unavailable', 'The payment is still being noted; the refund follows by itself');
    return answerOf(await this.mustFind(refundId));
  }

  /** Changes a refund once for each idempotency key, and answers with the refund as it is then. */
  private async change(id: string, call: Call, work: (tx: Transaction, refund: RefundRow) => Promise<void>): Promise<Refund> {
    const refund = await this.mustFind(id);
    await this.database.transaction((tx) => onceFor(tx, call, id, { make: () => work(tx, refund), read: async () => undefined }));
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

const disputed = (): Refusal =>
  paymentApi.refuse('payment.disputed', "The customer's bank contests this payment; nothing goes back until that is over");
