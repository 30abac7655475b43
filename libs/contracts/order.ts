import { PostalAddress } from './auth.ts';
import { MAX_CART_LINES, MAX_LINE_QUANTITY } from './cart.ts';
import { contract, event, operation, signal } from './contract.ts';
import { Flag, ListOf, Nested, Nullable, OneOf, Optional, Paise, Pattern, Text, Timestamp, Uuid, Whole } from './fields.ts';
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

/** Takes an invoiced amount back, whether money moved or not. */
export class CreditNote {
  @Text(1, 40) number!: string;
  @Paise() amount!: number;
  @Timestamp() issuedAt!: string;
}

export class Tracking {
  @Text(1, 60) carrier!: string;
  @Text(1, 60) number!: string;
  @Pattern(/^https:\/\/[^\s]{1,480}$/, 'must be an https address of at most 488 characters') url!: string;
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
  /** Money really given back: refunds that are processed. */
  @Paise() refundedAmount!: number;
  /** total − cancelled shares − received, never below 0: what is still to be paid, or what the courier collects. */
  @Paise() amountDue!: number;
  @OneOf(['INR']) currency!: string;
  @Nested(() => PostalAddress) shippingAddress!: PostalAddress;
  @Optional() @Nested(() => OrderPayment) payment?: OrderPayment;
  @Optional() @Nested(() => OrderInvoice) invoice?: OrderInvoice;
  @ListOf(() => CreditNote) creditNotes!: CreditNote[];
  @Optional() @Nested(() => Tracking) tracking?: Tracking;
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
export class ItemQuantity {
  @Uuid() itemId!: string;
  @Whole(1, 1000) quantity!: number;
}
export class CancelOrder extends OrderId {
  @Text(1, 500) reason!: string;
  /** Absent: all that is left. */
  @Optional() @ListOf(() => ItemQuantity, 1, MAX_CART_LINES) items?: ItemQuantity[];
}
export class ReturnedItem extends ItemQuantity {
  @Text(1, 500) reason!: string;
}
export class ReturnOrder extends OrderId {
  @ListOf(() => ReturnedItem, 1, MAX_CART_LINES) items!: ReturnedItem[];
}
export class SetOrderStatus extends OrderId {
  @OneOf(ORDER_STATUSES) status!: OrderStatus;
  @Optional() @Text(1, 500) note?: string;
  @Optional() @Nested(() => Tracking) tracking?: Tracking;
}
export class OrderSearch extends PageQuery {
  @Optional() @OneOf(ORDER_STATUSES) status?: OrderStatus;
  @Optional() @OneOf(PAYMENT_STATUSES) paymentStatus?: PaymentStatus;
  @Optional() @OneOf(PAYMENT_METHODS) paymentMethod?: PaymentMethod;
  @Optional() @Uuid() userId?: string;
  /** An order's number, a phone number (with or without +91), or a mail address; exact, letter case aside. */
  @Optional() @Text(3, 254) q?: string;
  /** Placed at or after. */
  @Optional() @Timestamp() from?: string;
  /** Placed before. */
  @Optional() @Timestamp() to?: string;
}
export class InvoiceOf extends OrderId {
  /** Number of one of the order's credit notes; absent: the invoice. */
  @Optional() @Text(1, 40) creditNote?: string;
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

export class OrderToView {
  @Uuid() orderId!: string;
  /** Another user's order is not found; null for staff, who see every order. */
  @Nullable() @Uuid() userId!: string | null;
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

/** Units of a sale that are back on the shelf. */
export class StockReturned {
  @Uuid() orderId!: string;
  @ListOf(() => OrderLine) lines!: OrderLine[];
}
export class OrderVoided {
  @Uuid() orderId!: string;
  @Uuid() userId!: string;
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
    search: operation({
      summary: 'Orders of everybody, newest first',
      access: 'staff',
      http: 'GET /orders',
      in: OrderSearch,
      out: OrderPage,
    }),
    cancel: operation({
      summary: 'Cancel an order or some of its units, up to packed; stock, coupon use and money go back once',
      access: 'user',
      http: 'POST /orders/:id/cancel',
      in: CancelOrder,
      out: Order,
      staffForAll: true,
      lane: 'checkout',
      timeoutMs: 4_000,
      errors: { 'order.not_cancellable': 'conflict' },
    }),
    requestReturn: operation({
      summary: 'Ask to send delivered units back',
      access: 'user',
      http: 'POST /orders/:id/return',
      in: ReturnOrder,
      out: Order,
      status: 200,
      errors: { 'order.not_returnable': 'conflict', 'order.return_window_closed': 'conflict' },
    }),
    setStatus: operation({
      summary: 'Move an order to its next status',
      access: 'staff',
      http: 'PATCH /orders/:id/status',
      in: SetOrderStatus,
      out: Order,
      timeoutMs: 4_000,
      errors: { 'order.status_conflict': 'conflict' },
    }),
    invoice: operation({
      summary: 'The GST invoice, or one of its credit notes, as PDF',
      access: 'user',
      http: 'GET /orders/:id/invoice',
      in: InvoiceOf,
      bytes: true,
      staffForAll: true,
      timeoutMs: 5_000,
      errors: { 'order.not_invoiced': 'conflict' },
    }),
    giveBack: operation({
      summary: 'Cancel units or grant goodwill for a refund that a caller asked payment for',
      access: 'internal',
      in: GiveBack,
      out: RefundDue,
      lane: 'checkout',
      errors: {
        'order.not_cancellable': 'conflict',
        'order.nothing_to_refund': 'conflict',
        'order.refund_above_limit': 'forbidden',
      },
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
      in: OrderToView,
      out: Order,
      lane: 'checkout',
    }),
    attachPayment: operation({ summary: 'Note the Razorpay order', access: 'internal', in: RazorpayOrderOf, lane: 'checkout' }),
  },
  events: {
    confirmed: event({ summary: 'Paid and sold', version: 1, data: OrderConfirmed, subscribers: ['cart', 'coupon'], lane: 'checkout' }),
    stockReturned: event({ summary: 'Units are for sale again', version: 1, data: StockReturned, subscribers: ['product'] }),
    voided: event({
      summary: 'All of a confirmed order was cancelled or refunded',
      version: 1,
      data: OrderVoided,
      subscribers: ['coupon'],
    }),
    refundDue: event({
      summary: 'Money goes back to the customer',
      version: 1,
      data: RefundDue,
      subscribers: ['payment'],
      lane: 'checkout',
    }),
    cashCollected: event({ summary: 'The courier brought the cash', version: 1, data: CashCollected, subscribers: ['payment'] }),
    captureRejected: event({
      summary: 'Money that no order takes: it goes back',
      version: 1,
      data: CaptureRejected,
      subscribers: ['payment'],
      lane: 'checkout',
    }),
  },
  signals: {
    statusChanged: signal({ summary: "An order's status or payment status changed", data: OrderStatusChange }),
  },
});
