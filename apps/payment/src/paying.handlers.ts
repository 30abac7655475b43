import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound, refuse } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { Order, OrderStatus } from '#libs/contracts/order/views';
import type { ByOrder } from '#libs/contracts/page';
import { paymentApi, type VerifyPayment } from '#libs/contracts/payment/api';
import type { PaymentOrder, PaymentState, VerifiedPayment } from '#libs/contracts/payment/views';
import { within } from '#libs/contracts/time-limit';
import { BusClient } from '#libs/messaging/bus-client';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { Database } from '#libs/persistence/database';
import { keyOf, remember } from '#libs/persistence/idempotency';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type PaymentEnv, paymentEnv } from './payment.env.ts';
import { PaymentRepository } from './payment.repository.ts';
import { PaymentRecorder } from './payment-recorder.ts';
import { RazorpayClient } from './razorpay-client.ts';
import { isRazorpayError, RazorpayRefused, unavailableFor } from './razorpay-errors.ts';
import { isRazorpayId, type RazorpayPayment } from './razorpay-objects.ts';
import { RazorpayOrderOpener } from './razorpay-order-opener.ts';
import { checkoutMessage, isSignedBy } from './razorpay-signature.ts';

/** Longest wait of a client for a Razorpay order, whatever its deadline. */
const MAX_OPENING_MS = 4_700;
/** Part of a deadline that is kept for the last statements and the answer. */
const MARGIN_MS = 300;
/** How long the answer to a captured payment waits for the order to become confirmed. */
const CONFIRMATION_MS = 1_500;
/** Between two looks at an order that another replica tells of its money; each doubles it. */
const FIRST_LOOK_MS = 10;
const MAX_LOOK_MS = 100;

/** States of an order that takes no money any more. */
const TOO_LATE: ReadonlySet<OrderStatus> = new Set(['cancelled', 'expired']);

const badSignature = (): never => {
  throw paymentApi.refuse('payment.bad_signature', 'This is not the signature of a payment of this order');
};

/** What a client does to pay: it opens an order at Razorpay, and reports what Razorpay's checkout answered. */
@Injectable()
export class PayingHandlers {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentRepository,
    private readonly opener: RazorpayOrderOpener,
    private readonly recorder: PaymentRecorder,
    private readonly razorpay: RazorpayClient,
    private readonly bus: BusClient,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
    @InjectEnvironment(paymentEnv) private readonly env: PaymentEnv,
  ) {}

  async createOrder({ orderId }: ByOrder, call: Call): Promise<PaymentOrder> {
    const { userId } = userOf(call);
    const key = keyOf(call);
    if (key !== undefined) await this.database.transaction((tx) => remember(tx, key, orderId));
    const payable = await this.order.payable({ orderId, userId });
    if (!payable.payable) throw notPayable();
    const opened = await this.opener.open(payable, Math.min(MAX_OPENING_MS, this.remaining(call) - MARGIN_MS));
    // The order service does not know of the money yet; Razorpay would take no second payment.
    if (opened.state === 'paid' || opened.razorpayOrderId === null) throw notPayable();
    const { id, razorpayOrderId, amount, currency, state } = opened;
    const page = this.env.RAZORPAY_CHECKOUT_URL;
    return {
      id,
      orderId,
      razorpayOrderId,
      amount,
      currency,
      keyId: this.env.RAZORPAY_KEY_ID,
      status: state,
      checkoutUrl: page === undefined ? null : `${page}/checkout/${razorpayOrderId}`,
    };
  }

  async verify(input: VerifyPayment, call: Call): Promise<VerifiedPayment> {
    const { userId } = userOf(call);
    const { orderId, razorpayPaymentId } = input;
    const own = await this.payments.orderToVerify(orderId, userId, razorpayPaymentId);
    if (own === undefined) throw notFound();
    if (own.razorpayOrderId === null || own.razorpayOrderId !== input.razorpayOrderId || !isRazorpayId('payment', razorpayPaymentId))
      return badSignature();
    const message = checkoutMessage(own.razorpayOrderId, razorpayPaymentId);
    if (!isSignedBy([this.env.RAZORPAY_KEY_SECRET], message, input.razorpaySignature)) return badSignature();
    if (own.paymentOrderId !== null && own.paymentOrderId !== orderId) return badSignature();

    const until = performance.now() + Math.min(CONFIRMATION_MS, this.remaining(call) - MARGIN_MS);
    const isBeingRecorded = this.recorder.isRecording(razorpayPaymentId);
    let order = await this.orderHeardOf(razorpayPaymentId, until);
    if (order !== undefined && order.id !== orderId) return badSignature();
    const known = isBeingRecorded ? await this.payments.orderToVerify(orderId, userId, razorpayPaymentId) : own;
    let status = order === undefined ? (known?.paymentStatus ?? 'created') : 'captured';
    // A signature proves neither capture nor amount: Razorpay is asked, unless its webhook came already.
    if (!isSettled(status)) status = await this.ask(own.razorpayOrderId, razorpayPaymentId);
    if (status === 'failed') throw paymentApi.refuse('payment.failed', 'Razorpay says that this payment failed; nothing was charged');
    if (status === 'created') throw refuse('unavailable', 'Razorpay is not done with this payment yet; try again');
    order ??= await this.orderAfter(input, userId, status === 'captured', until);
    // Money that came too late may be on its way back by now.
    if (status === 'captured' && TOO_LATE.has(order.status))
      status = (await this.payments.orderToVerify(orderId, userId, razorpayPaymentId))?.paymentStatus ?? status;
    return { status, order };
  }

  private async ask(razorpayOrderId: string, paymentId: string): Promise<PaymentState> {
    let payment: RazorpayPayment;
    try {
      payment = await this.razorpay.payment(paymentId);
    } catch (error) {
      if (error instanceof RazorpayRefused && (error.status === 400 || error.status === 404)) return badSignature();
      if (isRazorpayError(error)) throw unavailableFor(error);
      throw error;
    }
    if (payment.orderId !== razorpayOrderId) return badSignature();
    return (await this.recorder.record(payment))?.status ?? payment.status;
  }

  /** Waits a moment for the order service to take the money, so that the client sees a confirmed order. */
  private async orderAfter(
    { orderId, razorpayPaymentId }: VerifyPayment,
    userId: string,
    isCaptured: boolean,
    until: number,
  ): Promise<Order> {
    const heard = isCaptured ? await this.orderHeardOf(razorpayPaymentId, until) : undefined;
    if (heard !== undefined) return heard;
    for (let pause = FIRST_LOOK_MS; ; pause = Math.min(MAX_LOOK_MS, pause * 2)) {
      const order = await this.order.view({ orderId, userId });
      if (!isCaptured || order.status !== 'pending_payment' || performance.now() + pause > until) return order;
      await sleep(pause);
    }
  }

  private orderHeardOf(paymentId: string, until: number): Promise<Order | undefined> {
    return within(Math.max(0, until - performance.now()), this.recorder.orderHeardOf(paymentId), () => undefined);
  }

  private remaining(call: Call): number {
    return call.deadline - this.bus.clock.now();
  }
}

const isSettled = (status: PaymentState): boolean => status === 'captured' || status === 'refunded';

const notPayable = () => paymentApi.refuse('payment.order_not_payable', 'This order cannot be paid: it is paid, over, or paid on delivery');
