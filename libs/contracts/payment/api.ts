import { Sameness } from '../auth/messages.ts';
import { contract, event, operation, RawRequest } from '../contract.ts';
import { exportOperation } from '../export.ts';
import { Day, ListOf, Means, Optional, Paise, Text, Uuid, Words } from '../fields.ts';
import { ItemQuantity } from '../order/messages.ts';
import { Order } from '../order/views.ts';
import { ById, ByOrder } from '../page.ts';
import {
  InstrumentAsked,
  PaymentCaptured,
  PaymentFailed,
  PersonNeeded,
  RefundChanged,
  RefundedAtRazorpay,
  Settlement,
} from './messages.ts';
import { OrderPayments, PaymentOrder, Refund, SettlementReport, VerifiedPayment, WebhookReceipt } from './views.ts';

export class VerifyPayment {
  @Uuid() orderId!: string;
  @Text(1, 40) razorpayOrderId!: string;
  @Text(1, 40) razorpayPaymentId!: string;
  @Means("As Razorpay's checkout answers it.") @Text(1, 128) razorpaySignature!: string;
}

export class RequestRefund {
  @Uuid() orderId!: string;
  @Means('Staff only: goodwill. Not together with `items`.') @Optional() @Paise(1) amount?: number;
  @Means('In words; customer and staff see it.') @Words(1, 500) reason!: string;
  @Means('Units to cancel with it; for a customer absent means all of them.')
  @Optional()
  @ListOf(() => ItemQuantity, 1, 50)
  items?: ItemQuantity[];
}

export class SettlementDay {
  @Means('The day to compare.') @Day() date!: string;
}

export const paymentApi = contract('payment', {
  operations: {
    createOrder: operation({
      summary: 'The Razorpay order of a shop order; the same one as long as it is unpaid',
      description:
        'What Razorpay’s checkout is opened with. Asked again while it is unpaid the answer is the same; a paid, expired, cancelled or cash order is 409.',
      access: 'user',
      http: 'POST /payments/create-order',
      in: ByOrder,
      out: PaymentOrder,
      status: 201,
      lane: 'checkout',
      timeoutMs: 6_000,
      errors: { 'payment.order_not_payable': 'conflict', not_found: 'not_found' },
    }),
    verify: operation({
      summary: "Checkout's answer, checked against our own record and Razorpay's",
      access: 'user',
      http: 'POST /payments/verify',
      in: VerifyPayment,
      out: VerifiedPayment,
      lane: 'checkout',
      timeoutMs: 6_000,
      errors: { 'payment.bad_signature': 'bad_request', 'payment.failed': 'conflict', not_found: 'not_found' },
    }),
    webhook: operation({
      summary: "Razorpay's callback",
      description:
        'Takes an event as Razorpay sends it, with the HMAC-SHA256 of its bytes in `x-razorpay-signature`. There is no example: without the webhook’s secret no body has a signature that fits, and the answer is 400.',
      access: 'signature',
      http: 'POST /payments/webhook',
      in: RawRequest,
      out: WebhookReceipt,
      raw: { headers: ['x-razorpay-signature', 'x-razorpay-event-id'], maxBytes: 1_048_576 },
      lane: 'checkout',
      timeoutMs: 4_000,
      errors: { 'payment.bad_signature': 'bad_request' },
    }),
    ofOrder: operation({
      summary: 'Attempts, captures and refunds of an order',
      access: 'user',
      http: 'GET /payments/order/:orderId',
      in: ByOrder,
      out: OrderPayments,
      staffForAll: true,
    }),
    refund: operation({
      summary: 'Give money back: a customer cancels units, staff may also grant an amount',
      access: 'user',
      http: 'POST /payments/refund',
      in: RequestRefund,
      out: Refund,
      status: 201,
      lane: 'checkout',
      timeoutMs: 6_000,
      errors: {
        'payment.refund_exceeds_capture': 'conflict',
        'payment.disputed': 'conflict',
        'payment.refund_above_limit': 'forbidden',
        'order.not_cancellable': 'conflict',
        forbidden: 'forbidden',
        not_found: 'not_found',
      },
    }),
    settleRefund: operation({
      summary: 'Note that a refund of cash was paid out',
      access: 'staff',
      http: 'POST /payments/refunds/:id/settle',
      in: ById,
      out: Refund,
      status: 200,
      errors: { 'payment.refund_not_settleable': 'conflict' },
    }),
    retryRefund: operation({
      summary: 'Send a failed refund again',
      access: 'staff',
      http: 'POST /payments/refunds/:id/retry',
      in: ById,
      out: Refund,
      status: 200,
      errors: { 'payment.refund_not_retriable': 'conflict', 'payment.refund_exceeds_capture': 'conflict', 'payment.disputed': 'conflict' },
    }),
    settlement: operation({
      summary: "Our books of a day against Razorpay's",
      access: 'staff',
      http: 'GET /payments/settlement',
      in: SettlementDay,
      out: SettlementReport,
      timeoutMs: 20_000,
    }),
    settle: operation({
      summary: 'Ask Razorpay what became of an order, and record it',
      access: 'internal',
      in: ByOrder,
      out: Settlement,
      lane: 'checkout',
      timeoutMs: 6_000,
    }),
    sameInstrument: operation({
      summary: 'Whether an order was paid by a UPI id or card that another order of this user was paid by',
      access: 'internal',
      in: InstrumentAsked,
      out: Sameness,
    }),
    exportOf: exportOperation('Payments and refunds of a user, for that archive'),
  },
  events: {
    captured: event({
      summary: 'Money is ours',
      version: 1,
      data: PaymentCaptured,
      // The order as it stands with the money, for whoever waits for both.
      answer: Order,
      subscribers: ['order'],
      lane: 'checkout',
    }),
    refundedAtRazorpay: event({
      summary: 'A refund that nobody asked the shop for was made, or moved on',
      version: 1,
      data: RefundedAtRazorpay,
      subscribers: ['order'],
      lane: 'checkout',
    }),
    refundChanged: event({
      summary: 'A refund of an order moved on',
      version: 1,
      data: RefundChanged,
      subscribers: ['order'],
      lane: 'checkout',
    }),
    failed: event({ summary: 'A payment did not go through', version: 1, data: PaymentFailed, subscribers: ['notification'] }),
    needsPerson: event({
      summary: 'Something about money that staff has to look at',
      version: 1,
      data: PersonNeeded,
      subscribers: ['notification'],
    }),
  },
});
