import { contract, event, operation, RawRequest } from './contract.ts';
import { Flag, ListOf, Nested, Nullable, OneOf, Optional, Paise, Pattern, Text, Timestamp, Uuid, Whole } from './fields.ts';
import { ItemQuantity } from './order-messages.ts';
import { Order } from './order-view.ts';
import { ById, ByOrder } from './page.ts';

export const PAYMENT_STATES = ['created', 'authorized', 'captured', 'refunded', 'failed'] as const;
export type PaymentState = (typeof PAYMENT_STATES)[number];
export const REFUND_STATES = ['pending', 'processed', 'failed'] as const;
export type RefundState = (typeof REFUND_STATES)[number];

export class PaymentOrder {
  @Uuid() id!: string;
  @Uuid() orderId!: string;
  @Text(1, 40) razorpayOrderId!: string;
  @Paise() amount!: number;
  @OneOf(['INR']) currency!: string;
  /** The public half of the Razorpay key, for its checkout. */
  @Text(1, 64) keyId!: string;
  @OneOf(['created', 'attempted', 'paid']) status!: string;
  /** A page to pay on, while Razorpay is the sandbox. */
  @Nullable() @Text(1, 500) checkoutUrl!: string | null;
}

export class VerifyPayment {
  @Uuid() orderId!: string;
  @Text(1, 40) razorpayOrderId!: string;
  @Text(1, 40) razorpayPaymentId!: string;
  @Text(1, 128) razorpaySignature!: string;
}

export class VerifiedPayment {
  @OneOf(['authorized', 'captured', 'refunded']) status!: string;
  @Nested(() => Order) order!: Order;
}

export class WebhookReceipt {
  /** False for an event that was already stored. */
  @Flag() accepted!: boolean;
}

export class PaymentAttempt {
  @Text(1, 40) razorpayPaymentId!: string;
  @OneOf(PAYMENT_STATES) status!: PaymentState;
  @Paise() amount!: number;
  @Nullable() @Text(1, 40) method!: string | null;
  @Timestamp() at!: string;
}

export class RequestRefund {
  @Uuid() orderId!: string;
  /** Staff only: goodwill in paise. Not together with `items`. */
  @Optional() @Paise(1) amount?: number;
  @Text(1, 500) reason!: string;
  /** Units to cancel with it; for a customer absent means all of them. */
  @Optional() @ListOf(() => ItemQuantity, 1, 50) items?: ItemQuantity[];
}

export class Refund {
  @Uuid() id!: string;
  @Uuid() orderId!: string;
  @Paise() amount!: number;
  @OneOf(REFUND_STATES) status!: RefundState;
  @Nullable() @Text(1, 40) razorpayRefundId!: string | null;
  @Timestamp() createdAt!: string;
}

export class Dispute {
  @Text(1, 40) id!: string;
  @Paise() amount!: number;
  @Text(1, 40) status!: string;
}

export class OrderPayments {
  @Uuid() orderId!: string;
  @Paise() amount!: number;
  @Paise() captured!: number;
  @Paise() refunded!: number;
  @ListOf(() => PaymentAttempt) attempts!: PaymentAttempt[];
  @ListOf(() => PaymentAttempt) captures!: PaymentAttempt[];
  @ListOf(() => Refund) refunds!: Refund[];
  @ListOf(() => Dispute) disputes!: Dispute[];
}

export class SettlementDay {
  /** A day in India. */
  @Pattern(/^\d{4}-\d{2}-\d{2}$/, 'must be a date like 2026-11-24') date!: string;
}
/** One difference between our books and Razorpay's. */
export class SettlementRow {
  @OneOf(['payment', 'refund']) kind!: string;
  @Text(1, 40) razorpayId!: string;
  @Nullable() @Uuid() orderId!: string | null;
  /** Paise; null where that side has no such row. */
  @Nullable() @Paise() ours!: number | null;
  @Nullable() @Paise() razorpay!: number | null;
  @Text(1, 200) problem!: string;
}
export class SettlementReport {
  @Text(10, 10) date!: string;
  /** Paise, by Razorpay's report. */
  @Paise() captured!: number;
  @Paise() refunded!: number;
  /** Paise: sum of |ours − Razorpay's| over all rows; 0 when both agree. */
  @Paise() difference!: number;
  @ListOf(() => SettlementRow) rows!: SettlementRow[];
  @Whole(0, 1_000_000_000) compared!: number;
}

export class RefundChanged {
  @Uuid() refundId!: string;
  @Uuid() orderId!: string;
  @Paise() amount!: number;
  @OneOf(REFUND_STATES) status!: RefundState;
  /** Counts how often the refund was sent, from 1: tells the `pending` of a retry from a late one. Absent: the attempt last heard of. */
  @Optional() @Whole(1, 1_000_000) attempt?: number;
}

/** Money that went back without the shop's doing, from Razorpay's dashboard. */
export class RefundedAtRazorpay {
  @Uuid() refundId!: string;
  @Uuid() orderId!: string;
  @Text(1, 40) paymentId!: string;
  @Paise(1) amount!: number;
  @OneOf(REFUND_STATES) status!: RefundState;
}

export class PaymentCaptured {
  @Uuid() orderId!: string;
  @Text(1, 40) paymentId!: string;
  @Paise() amount!: number;
  @Text(3, 3) currency!: string;
}

/** What Razorpay says of an order that is about to expire. */
export class Settlement {
  /** `captured` and `authorized` mean that money is there or on its way; `none` that nothing is. */
  @OneOf(['captured', 'authorized', 'none']) state!: string;
}

export const paymentApi = contract('payment', {
  operations: {
    createOrder: operation({
      summary: 'The Razorpay order of a shop order; the same one as long as it is unpaid',
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
  },
  events: {
    captured: event({ summary: 'Money is ours', version: 1, data: PaymentCaptured, subscribers: ['order'], lane: 'checkout' }),
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
  },
});
