import { MAX_CART_LINES } from '../cart/views.ts';

import { Flag, ListOf, Nested, Nullable, OneOf, Optional, Paise, Text, Timestamp, Uuid, UuidList, Whole } from '../fields.ts';
import { listOf } from '../page.ts';
import { OrderLine } from '../product/messages.ts';
import {
  ORDER_STATUSES,
  type OrderStatus,
  PAYMENT_METHODS,
  PAYMENT_STATUSES,
  type PaymentMethod,
  type PaymentStatus,
  Tracking,
} from './views.ts';

/** Seconds past its time that an order waits for an answer of Razorpay before it expires. */
export const MAX_SILENCE_SECONDS = 300;

export class ItemQuantity {
  @Uuid() itemId!: string;
  @Whole(1, 1000) quantity!: number;
}

/** What payment asks for on behalf of a caller: units to cancel, or an amount as goodwill. Idempotent by `refundId`. */
export class GiveBack {
  @Uuid() refundId!: string;
  @Uuid() orderId!: string;
  /** The customer who asks, whose order it must be; null for staff. */
  @Nullable() @Uuid() userId!: string | null;
  @Text(1, 500) reason!: string;
  /** Goodwill in paise; not together with `items`. Neither: everything that can still go back. */
  @Optional() @Paise(1) amount?: number;
  @Optional() @ListOf(() => ItemQuantity, 1, MAX_CART_LINES) items?: ItemQuantity[];
  /** Paise that the caller may give back; what would come out above that changes nothing. */
  @Optional() @Paise() limit?: number;
}

/** As `refundDue` tells it too; whoever hears it first makes the refund. */
export class RefundDue {
  @Uuid() refundId!: string;
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
  /** The captured payment it goes back to; null for cash, which is paid out by hand. */
  @Nullable() @Text(1, 40) paymentId!: string | null;
  @Paise(1) amount!: number;
  @Text(1, 500) reason!: string;
}

/** What payment needs to know before it asks for money. */
export class PayableOrder {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
  @Text(1, 40) number!: string;
  @Paise() amount!: number;
  @OneOf(['INR']) currency!: string;
  @Flag() payable!: boolean;
}

export class PayableBy {
  @Uuid() orderId!: string;
  /** Another user's order is not found. */
  @Uuid() userId!: string;
}

export class OrderToView {
  @Uuid() orderId!: string;
  /** Another user's order is not found; null for staff, who see every order. */
  @Nullable() @Uuid() userId!: string | null;
}

export class RazorpayOrderOf {
  @Uuid() orderId!: string;
  @Text(1, 40) providerOrderId!: string;
}

export class OrderIds {
  @UuidList(0, 100) orderIds!: string[];
}

export class OrderConfirmed {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
  /** The cart the order was made from; null when it named its own items. */
  @Nullable() @Text(1, 64) cartVersion!: string | null;
  @ListOf(() => OrderLine) lines!: OrderLine[];
}

/** Units of a sale that are back on the shelf. */
export class StockReturned {
  @Uuid() orderId!: string;
  @ListOf(() => OrderLine) lines!: OrderLine[];
}

export class OrderVoided {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
}

export class DeliveredLine {
  @Uuid() productId!: string;
  @Uuid() variantId!: string;
  @Text(1, 30) size!: string;
}

/** The first delivery of an order, with what was not cancelled of it. */
export class OrderDelivered {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
  @ListOf(() => DeliveredLine, 1, MAX_CART_LINES) lines!: DeliveredLine[];
  @Timestamp() at!: string;
}

export class CashCollected {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
  @Paise(1) amount!: number;
}

export class OrderStatusChange {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
  @Text(1, 40) number!: string;
  @OneOf(ORDER_STATUSES) status!: OrderStatus;
  @OneOf(PAYMENT_STATUSES) paymentStatus!: PaymentStatus;
  @Timestamp() at!: string;
}

export const ORDER_CHANGES = ['status', 'units', 'goodwill', 'refund', 'late_money'] as const;

export class RefundMade {
  @Uuid() id!: string;
  @Paise(1) amount!: number;
}

/** What changed of an order, and where it stands afterwards; amounts in paise. */
export class OrderChanged {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
  @Text(1, 40) number!: string;
  /** Counts the order's changes. */
  @Whole(0, 1_000_000) version!: number;
  @OneOf(ORDER_CHANGES) cause!: (typeof ORDER_CHANGES)[number];
  @OneOf(ORDER_STATUSES) previousStatus!: OrderStatus;
  @OneOf(ORDER_STATUSES) status!: OrderStatus;
  @OneOf(PAYMENT_STATUSES) paymentStatus!: PaymentStatus;
  @OneOf(PAYMENT_METHODS) paymentMethod!: PaymentMethod;
  @Paise() total!: number;
  /** Of the goods that the customer keeps. */
  @Paise() kept!: number;
  @Flag() openReturn!: boolean;
  @Optional() @Timestamp() deliveredAt?: string;
  @Optional() @Nested(() => Tracking) tracking?: Tracking;
  /** One that was paid out. */
  @Optional() @Nested(() => RefundMade) refund?: RefundMade;
  /** What became of money that came when the order had ended. */
  @Optional() @OneOf(['confirmed', 'refunded']) late?: 'confirmed' | 'refunded';
  @Timestamp() at!: string;
}

export class UsersOfOrders {
  @UuidList(0, 500) userIds!: string[];
}

export class LastOrder {
  @Uuid() userId!: string;
  @Timestamp() at!: string;
}

/** Users who never bought anything are missing. */
export class LastOrders extends listOf(LastOrder) {}

export class FactsAsked {
  @Uuid() userId!: string;
}

/** Every order of a user that was ever confirmed, as `order.changed` would tell it now; the first 500 of them, oldest first. */
export class OrderFacts extends listOf(OrderChanged) {}

export class CaptureRejected {
  @Uuid() orderId!: string;
  @Text(1, 40) paymentId!: string;
  /** `amount_mismatch`, `order_cancelled`, `order_expired`, `already_paid`, `out_of_stock`. */
  @Text(1, 40) reason!: string;
}
