import { OneOf, Optional, Paise, Text, Timestamp, Uuid, Whole } from '../fields.ts';
import { REFUND_STATES, type RefundState } from './views.ts';

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
  /** Razorpay's order, for the order to show. */
  @Optional() @Text(1, 40) providerOrderId?: string;
}

/** Razorpay refused a payment for the first time; its customer may try again. */
export class PaymentFailed {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
  @Text(1, 40) paymentId!: string;
  @Timestamp() at!: string;
}

export const MATTERS_OF_MONEY = ['amount_mismatch', 'refund_failed', 'bad_credentials', 'dispute'] as const;
export type MatterOfMoney = (typeof MATTERS_OF_MONEY)[number];

export class PersonNeeded {
  @OneOf(MATTERS_OF_MONEY) kind!: MatterOfMoney;
  /** Absent where it is about no single order. */
  @Optional() @Uuid() orderId?: string;
  @Optional() @Paise() amount?: number;
  @Timestamp() at!: string;
}

export class InstrumentAsked {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
}

/** What Razorpay says of an order that is about to expire. */
export class Settlement {
  /** `captured` and `authorized` mean that money is there or on its way; `none` that nothing is. */
  @OneOf(['captured', 'authorized', 'none']) state!: string;
}
