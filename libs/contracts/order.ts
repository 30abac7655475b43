import { PostalAddress } from './auth.ts';
import { MAX_CART_LINES, MAX_LINE_QUANTITY } from './cart.ts';
import { contract, event, operation } from './contract.ts';
import { Flag, ListOf, Nested, Nullable, OneOf, Optional, Paise, Text, Timestamp, Uuid, Whole } from './fields.ts';
import { PageQuery, pageOf } from './page.ts';
import { OrderLine, Shortage } from './reservation.ts';

export const ORDER_STATUSES = [
  'pending_payment',
  'confirmed',
  'packed',
  'shipped',
  'out_for_delivery',
  'delivered',
  'return_requested',
  'returned',
  'cancelled',
  'expired',
  'returned_to_origin',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];
export const PAYMENT_STATUSES = ['unpaid', 'paid', 'cod_due', 'partially_refunded', 'refunded'] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];
export const PAYMENT_METHODS = ['razorpay', 'cod'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];

export class OrderItem {
  @Uuid() id!: string;
  @Uuid() productId!: string;
  @Uuid() variantId!: string;
  @Text(1, 200) name!: string;
  @Text(1, 64) sku!: string;
  @Text(1, 30) size!: string;
  @Text(1, 60) color!: string;
  @Paise() unitPrice!: number;
  @Whole(1, 1000) quantity!: number;
  @Whole(0, 1000) cancelledQuantity!: number;
  @Whole(0, 1000) returnedQuantity!: number;
  @Paise() discount!: number;
  /** Contained in `total`, never added. */
  @Paise() tax!: number;
  /** unitPrice × quantity − discount. */
  @Paise() total!: number;
}

export class OrderTax {
  @Paise() cgst!: number;
  @Paise() sgst!: number;
  @Paise() igst!: number;
}

export class OrderPayment {
  @OneOf(['razorpay']) provider!: string;
  @Text(1, 40) providerOrderId!: string;
}

export class OrderInvoice {
  @Text(1, 40) number!: string;
  @Timestamp() issuedAt!: string;
}

export class TimelineEntry {
  @OneOf(ORDER_STATUSES) status!: OrderStatus;
  @Timestamp() at!: string;
  /** `customer`, `staff`, or the service that moved it. */
  @Text(1, 40) actor!: string;
  @Optional() @Text(1, 500) note?: string;
}

export class Order {
  @Uuid() id!: string;
  @Text(1, 40) number!: string;
  @Uuid() userId!: string;
  @OneOf(ORDER_STATUSES) status!: OrderStatus;
  @OneOf(PAYMENT_STATUSES) paymentStatus!: PaymentStatus;
  @OneOf(PAYMENT_METHODS) paymentMethod!: PaymentMethod;
  @ListOf(() => OrderItem) items!: OrderItem[];
  @Paise() subtotal!: number;
  @Paise() discount!: number;
  @Optional() @Text(1, 40) couponCode?: string;
  @Paise() shippingFee!: number;
  @Paise() codFee!: number;
  @Nested(() => OrderTax) tax!: OrderTax;
  /** Σ items.total + shippingFee + codFee = what Razorpay is asked for. */
  @Paise() total!: number;
  /** Money really given back. */
  @Paise() refundedAmount!: number;
  @Paise() amountDue!: number;
  @OneOf(['INR']) currency!: string;
  @Nested(() => PostalAddress) shippingAddress!: PostalAddress;
  @Optional() @Nested(() => OrderPayment) payment?: OrderPayment;
  @Optional() @Nested(() => OrderInvoice) invoice?: OrderInvoice;
  @ListOf(() => TimelineEntry) timeline!: TimelineEntry[];
  @Timestamp() createdAt!: string;
}
export class OrderPage extends pageOf(Order) {}

export class RequestedLine {
  @Uuid() variantId!: string;
  @Whole(1, MAX_LINE_QUANTITY) quantity!: number;
}

export class PlaceOrder {
  /** One of `addressId` and `shippingAddress`. */
  @Optional() @Uuid() addressId?: string;
  @Optional() @Nested(() => PostalAddress) shippingAddress?: PostalAddress;
  @Optional() @Text(1, 40) couponCode?: string;
  @OneOf(PAYMENT_METHODS) paymentMethod!: PaymentMethod;
  /** Absent: the cart is ordered. Equal variants add up. */
  @Optional() @ListOf(() => RequestedLine, 1, MAX_CART_LINES) items?: RequestedLine[];
  /** Paise the customer agreed to; another total is refused. */
  @Optional() @Paise() expectedTotal?: number;
}

export class OrderId {
  @Uuid() id!: string;
}
export class OrdersOf extends PageQuery {
  @Uuid() userId!: string;
  @Optional() @OneOf(ORDER_STATUSES) status?: OrderStatus;
}
export class CancelOrder extends OrderId {
  @Text(1, 500) reason!: string;
}

export class OrderTotal {
  @Paise() total!: number;
}
export class OrderShortages {
  @ListOf(() => Shortage) lines!: Shortage[];
}
export class OtherOrder {
  @Uuid() orderId!: string;
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

export class RazorpayOrderOf {
  @Uuid() orderId!: string;
  @Text(1, 40) providerOrderId!: string;
}

export class OrderConfirmed {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
  /** The cart the order was made from; null when it named its own items. */
  @Nullable() @Text(1, 64) cartVersion!: string | null;
  @ListOf(() => OrderLine) lines!: OrderLine[];
}

export class CaptureRejected {
  @Uuid() orderId!: string;
  @Text(1, 40) paymentId!: string;
  /** `amount_mismatch`, `order_cancelled`, `order_expired`, `already_paid`, `out_of_stock`. */
  @Text(1, 40) reason!: string;
}

export const orderApi = contract('order', {
  operations: {
    place: operation({
      summary: 'Order the cart, or the items given: reserves stock and waits for payment',
      access: 'user',
      http: 'POST /orders',
      in: PlaceOrder,
      out: Order,
      status: 201,
      lane: 'checkout',
      timeoutMs: 6_000,
      errors: {
        'order.total_changed': { kind: 'conflict', fields: OrderTotal },
        'order.out_of_stock': { kind: 'conflict', fields: OrderShortages },
        'order.cart_already_ordered': { kind: 'conflict', fields: OtherOrder },
        'order.cart_empty': 'conflict',
        'order.cod_not_available': 'conflict',
        'coupon.not_applicable': 'conflict',
      },
    }),
    get: operation({ summary: 'One order', access: 'user', http: 'GET /orders/:id', in: OrderId, out: Order, staffForAll: true }),
    history: operation({
      summary: "A user's orders, newest first",
      access: 'user',
      http: 'GET /orders/user/:userId',
      in: OrdersOf,
      out: OrderPage,
      staffForAll: true,
    }),
    cancel: operation({
      summary: 'Cancel an unpaid order; what it held goes back',
      access: 'user',
      http: 'POST /orders/:id/cancel',
      in: CancelOrder,
      out: Order,
      staffForAll: true,
      lane: 'checkout',
      errors: { 'order.not_cancellable': 'conflict' },
    }),
    payable: operation({
      summary: 'Amount and owner of an order that may be paid',
      access: 'internal',
      in: PayableBy,
      out: PayableOrder,
      lane: 'checkout',
    }),
    view: operation({
      summary: 'An order for a service that answers with it',
      access: 'internal',
      in: PayableBy,
      out: Order,
      lane: 'checkout',
    }),
    attachPayment: operation({ summary: 'Note the Razorpay order', access: 'internal', in: RazorpayOrderOf, lane: 'checkout' }),
  },
  events: {
    confirmed: event({ summary: 'Paid and sold', version: 1, data: OrderConfirmed, subscribers: ['cart'], lane: 'checkout' }),
    captureRejected: event({
      summary: 'Money that no order takes: it goes back',
      version: 1,
      data: CaptureRejected,
      subscribers: ['payment'],
      lane: 'checkout',
    }),
  },
});
