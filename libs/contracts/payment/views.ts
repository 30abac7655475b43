import { Flag, ListOf, Nested, Nullable, OneOf, Optional, Paise, Text, Timestamp, Uuid, Whole } from '../fields.ts';
import { Order } from '../order/views.ts';

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
  /** Staff only: whether Razorpay answers, is silent, or refuses our key; refunds wait until it is up. */
  @Optional() @OneOf(['up', 'silent', 'key_refused']) razorpay?: string;
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
