import { Injectable } from '@nestjs/common';
import type { Sameness } from '#libs/contracts/auth/messages';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { ByOrder } from '#libs/contracts/page';
import type { InstrumentAsked, Settlement } from '#libs/contracts/payment/messages';
import type { OrderPayments, RefundState } from '#libs/contracts/payment/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { InstrumentRepository } from './instrument.repository.ts';
import { PaymentRepository } from './payment.repository.ts';
import { PaymentOrderRepository } from './payment-order.repository.ts';
import { PaymentRecorder } from './payment-recorder.ts';
import { RazorpayClient } from './razorpay-client.ts';
import { isRazorpayError, unavailableFor } from './razorpay-errors.ts';
import type { RazorpayPayment } from './razorpay-objects.ts';

/** Answers what is known of an order's payments, to people and to the order service. */
@Injectable()
export class PaymentHandlers {
  constructor(
    private readonly orders: PaymentOrderRepository,
    private readonly payments: PaymentRepository,
    private readonly recorder: PaymentRecorder,
    private readonly razorpay: RazorpayClient,
    private readonly instruments: InstrumentRepository,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
  ) {}

  async ofOrder({ orderId }: ByOrder, call: Call): Promise<OrderPayments> {
    const viewer = isStaff(call.actor) ? null : userOf(call).userId;
    const found = await this.payments.view(orderId);
    if (viewer !== null && found.userId !== null && found.userId !== viewer) throw notFound();
    // Before the first attempt to pay only the order service knows the owner.
    const amount = found.amount ?? (await this.order.view({ orderId, userId: viewer })).total;
    const attempts = found.attempts.map((attempt) => ({ ...attempt, at: new Date(attempt.at).toISOString() }));
    return {
      orderId,
      amount,
      captured: found.captured,
      refunded: found.refunded,
      attempts,
      captures: attempts.filter(({ captured }) => captured),
      refunds: found.refunds.map((refund) => ({
        ...refund,
        orderId,
        status: refund.status as RefundState,
        createdAt: new Date(refund.createdAt).toISOString(),
      })),
      disputes: found.disputes,
      ...(viewer === null ? { razorpay: this.razorpay.state } : {}),
    };
  }

  async settle({ orderId }: ByOrder): Promise<Settlement> {
    const own = await this.orders.find(orderId);
    // Clients only pay a Razorpay order that they were told of.
    if (own === undefined || own.razorpayOrderId === null) return { state: 'none' };
    const states = new Set<string>();
    for (const payment of await this.paymentsOf(own.razorpayOrderId))
      states.add((await this.recorder.record(payment))?.status ?? 'created');
    return { state: states.has('captured') ? 'captured' : states.has('authorized') ? 'authorized' : 'none' };
  }

  async sameInstrument({ orderId, userId }: InstrumentAsked): Promise<Sameness> {
    return { same: await this.instruments.isShared(orderId, userId) };
  }

  private async paymentsOf(razorpayOrderId: string): Promise<RazorpayPayment[]> {
    try {
      return await this.razorpay.paymentsOf(razorpayOrderId);
    } catch (error) {
      if (isRazorpayError(error)) throw unavailableFor(error);
      throw error;
    }
  }
}
