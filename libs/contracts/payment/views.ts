import { Flag, ListOf, Means, Nested, Nullable, OneOf, Optional, Paise, Text, Timestamp, Uuid, Whole } from '../fields.ts';
import { Order } from '../order/views.ts';

export const PAYMENT_STATES = ['created', 'authorized', 'captured', 'refunded', 'failed'] as const;

export type PaymentState = (typeof PAYMENT_STATES)[number];

export const REFUND_STATES = ['pending', 'processed', 'failed'] as const;

export type RefundState = (typeof REFUND_STATES)[number];

export class PaymentOrder {
  @Uuid() id!: string;
  @Uuid() orderId!: string;
  @Text(1, 40) razorpayOrderId!: string;
  @Means("What Razorpay is asked for: the order's total.") @Paise() amount!: number;
  @OneOf(['INR']) currency!: string;
  @Means('The public half of the Razorpay key, for its checkout.') @Text(1, 64) keyId!: string;
  @OneOf(['created', 'attempted', 'paid']) status!: string;
  @Means('A page to pay on, while Razorpay is the sandbox.') @Nullable() @Text(1, 500) checkoutUrl!: string | null;
}

export class VerifiedPayment {
  @OneOf(['authorized', 'captured', 'refunded']) status!: string;
  @Nested(() => Order) order!: Order;
}

export class WebhookReceipt {
  @Means('False for an event that was already stored.') @Flag() accepted!: boolean;
}

export class PaymentAttempt {
  @Text(1, 40) razorpayPaymentId!: string;
  @OneOf(PAYMENT_STATES) status!: PaymentState;
  @Means('What was tried or paid with it.') @Paise() amount!: number;
  @Means('Such as `upi`, `card`, `cash`; null while it is not known.') @Nullable() @Text(1, 40) method!: string | null;
  @Timestamp() at!: string;
}

export class Refund {
  @Uuid() id!: string;
  @Uuid() orderId!: string;
  @Means('What goes back.') @Paise() amount!: number;
  @Means('`pending` on its way, or cash that waits to be paid out; `failed` refunds are sent again by staff.')
  @OneOf(REFUND_STATES)
  status!: RefundState;
  @Means('null before Razorpay has it, and for cash.') @Nullable() @Text(1, 40) razorpayRefundId!: string | null;
  @Timestamp() createdAt!: string;
}

export class Dispute {
  @Text(1, 40) id!: string;
  @Means('What the bank is asked to take back.') @Paise() amount!: number;
  @Text(1, 40) status!: string;
}

export class OrderPayments {
  @Uuid() orderId!: string;
  @Means('What the order asked for.') @Paise() amount!: number;
  @Means('What was received.') @Paise() captured!: number;
  @Means('What went back.') @Paise() refunded!: number;
  @ListOf(() => PaymentAttempt) attempts!: PaymentAttempt[];
  @Means("Payments that are the shop's.") @ListOf(() => PaymentAttempt) captures!: PaymentAttempt[];
  @ListOf(() => Refund) refunds!: Refund[];
  @ListOf(() => Dispute) disputes!: Dispute[];
  @Means('Staff only: whether Razorpay answers, is silent, or refuses our key; refunds wait until it is up.')
  @Optional()
  @OneOf(['up', 'silent', 'key_refused'])
  razorpay?: string;
}

/** One difference between our books and Razorpay's. */
export class SettlementRow {
  @OneOf(['payment', 'refund']) kind!: string;
  @Text(1, 40) razorpayId!: string;
  @Nullable() @Uuid() orderId!: string | null;
  @Means('By our books; null where they have no such row.') @Nullable() @Paise() ours!: number | null;
  @Means("By Razorpay's report; null where it has no such row.") @Nullable() @Paise() razorpay!: number | null;
  @Text(1, 200) problem!: string;
}

export class SettlementReport {
  @Text(10, 10) date!: string;
  @Means("By Razorpay's report.") @Paise() captured!: number;
  @Means("By Razorpay's report.") @Paise() refunded!: number;
  @Means("Σ of |ours − Razorpay's| over all rows; 0 when both agree.") @Paise() difference!: number;
  @ListOf(() => SettlementRow) rows!: SettlementRow[];
  @Means('Payments and refunds that were looked at.') @Whole(0, 1_000_000_000) compared!: number;
}
