import { PlaceOfUser, Sameness } from '../auth/messages.ts';
import { PostalAddress } from '../auth/views.ts';
import { MAX_CART_LINES, MAX_LINE_QUANTITY } from '../cart/views.ts';

import { contract, event, operation, signal } from '../contract.ts';
import { exportOperation } from '../export.ts';
import { ListOf, Means, Nested, OneOf, Optional, Paise, Text, Timestamp, Uuid, Whole } from '../fields.ts';
import { ById, PageQuery } from '../page.ts';
import { Shortage } from '../product/messages.ts';
import {
  CaptureRejected,
  CashCollected,
  FactsAsked,
  GiveBack,
  ItemQuantity,
  LastOrders,
  OrderChanged,
  OrderConfirmed,
  OrderDelivered,
  OrderFacts,
  OrderIds,
  OrderStatusChange,
  OrderToView,
  OrderVoided,
  PayableBy,
  PayableOrder,
  RazorpayOrderOf,
  RefundDue,
  StockReturned,
  UsersOfOrders,
} from './messages.ts';
import {
  Billing,
  ORDER_STATUSES,
  Order,
  OrderPage,
  type OrderStatus,
  PAYMENT_METHODS,
  PAYMENT_STATUSES,
  type PaymentMethod,
  type PaymentStatus,
  RETURN_OUTCOMES,
  ReceivedUnits,
  ReturnedItem,
  Tracking,
} from './views.ts';

export class RequestedLine {
  @Uuid() variantId!: string;
  @Whole(1, MAX_LINE_QUANTITY) quantity!: number;
}

export class PlaceOrder {
  @Means('One of `addressId` and `shippingAddress`.') @Optional() @Uuid() addressId?: string;
  @Optional() @Nested(() => PostalAddress) shippingAddress?: PostalAddress;
  @Means('For businesses: the invoice names the buyer with their GSTIN.') @Optional() @Nested(() => Billing) billing?: Billing;
  @Means('Absent: the one on the cart, where the cart is ordered.') @Optional() @Text(1, 40) couponCode?: string;
  @Means('`cod`: the courier collects the money.') @OneOf(PAYMENT_METHODS) paymentMethod!: PaymentMethod;
  @Means('Absent: the cart is ordered. Equal variants add up.')
  @Optional()
  @ListOf(() => RequestedLine, 1, MAX_CART_LINES)
  items?: RequestedLine[];
  @Means('What the customer agreed to pay; another total is refused.') @Optional() @Paise() expectedTotal?: number;
}

export class ListOrders extends PageQuery {
  @Uuid() userId!: string;
  @Optional() @OneOf(ORDER_STATUSES) status?: OrderStatus;
}
export class CancelOrder extends ById {
  @Means('In words; the customer and staff see it.') @Text(1, 500) reason!: string;
  @Means('Absent: all that is left.') @Optional() @ListOf(() => ItemQuantity, 1, MAX_CART_LINES) items?: ItemQuantity[];
}
export class ReturnOrder extends ById {
  @ListOf(() => ReturnedItem, 1, MAX_CART_LINES) items!: ReturnedItem[];
}
export class ReceiveReturn extends ById {
  @Uuid() returnId!: string;
  @Means('Every unit of the return once.') @ListOf(() => ReceivedUnits, 1, MAX_CART_LINES * RETURN_OUTCOMES.length) items!: ReceivedUnits[];
  @Means("Seen by the customer in the order's history.") @Optional() @Text(1, 500) note?: string;
}
export class SetOrderStatus extends ById {
  @Means('Only the next step of where the order is.') @OneOf(ORDER_STATUSES) status!: OrderStatus;
  @Means("Seen by the customer in the order's history.") @Optional() @Text(1, 500) note?: string;
  @Means('With `shipped`.') @Optional() @Nested(() => Tracking) tracking?: Tracking;
}
export class OrderSearch extends PageQuery {
  @Optional() @OneOf(ORDER_STATUSES) status?: OrderStatus;
  @Optional() @OneOf(PAYMENT_STATUSES) paymentStatus?: PaymentStatus;
  @Optional() @OneOf(PAYMENT_METHODS) paymentMethod?: PaymentMethod;
  @Optional() @Uuid() userId?: string;
  @Means("A phone number in any spelling, a mail address, or a part of an order's number or of the name it goes to.")
  @Optional()
  @Text(3, 254)
  q?: string;
  @Means('Placed at or after.') @Optional() @Timestamp() from?: string;
  @Means('Placed before.') @Optional() @Timestamp() to?: string;
}
export class InvoiceOf extends ById {
  @Means("Number of one of the order's credit notes; absent: the invoice.") @Optional() @Text(1, 40) creditNote?: string;
}

export class OrderTotal {
  @Paise() total!: number;
}
export class OrderShortages {
  @ListOf(() => Shortage) lines!: Shortage[];
}
export class ExistingOrder {
  @Uuid() orderId!: string;
}

export const orderApi = contract('order', {
  operations: {
    place: operation({
      summary: 'Order the cart, or the items given: reserves stock and waits for payment',
      description:
        'Orders the cart, or `items`, which leave the cart as it is. Stock and coupon are reserved; a cash order is confirmed at once, any other waits for `POST /api/payments/create-order`.',
      oneOf: [['addressId'], ['shippingAddress']],
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
        'order.cart_already_ordered': { kind: 'conflict', fields: ExistingOrder },
        'order.cart_empty': 'conflict',
        'coupon.not_applicable': 'conflict',
      },
    }),
    get: operation({ summary: 'One order', access: 'user', http: 'GET /orders/:id', in: ById, out: Order, staffForAll: true }),
    history: operation({
      summary: "A user's orders, newest first",
      access: 'user',
      http: 'GET /orders/user/:userId',
      in: ListOrders,
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
    receiveReturn: operation({
      summary: 'Book the units of a return that have arrived: restocked, scrapped or rejected',
      access: 'staff',
      http: 'POST /orders/:id/returns/:returnId/receive',
      in: ReceiveReturn,
      out: Order,
      status: 200,
      timeoutMs: 4_000,
      errors: { 'order.return_closed': 'conflict' },
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
    needingStock: operation({
      summary: 'Which of these orders still need the stock that is held for them',
      access: 'internal',
      in: OrderIds,
      out: OrderIds,
    }),
    lastOrders: operation({ summary: 'When users last bought something', access: 'internal', in: UsersOfOrders, out: LastOrders }),
    factsOf: operation({
      summary: 'How every order of a user stands that was ever confirmed',
      access: 'internal',
      in: FactsAsked,
      out: OrderFacts,
    }),
    sameAddress: operation({
      summary: 'Whether an order of a user went to this place, without regard to case, blanks and punctuation',
      access: 'internal',
      in: PlaceOfUser,
      out: Sameness,
    }),
    attachPayment: operation({ summary: 'Note the Razorpay order', access: 'internal', in: RazorpayOrderOf, lane: 'checkout' }),
    exportOf: exportOperation('The orders of a user, for the archive of what the shop has of them'),
  },
  events: {
    changed: event({
      summary: 'An order changed: from its confirmation on, and an unpaid one that was cancelled or expired',
      version: 1,
      data: OrderChanged,
      subscribers: ['notification', 'referral'],
      batched: ['notification', 'referral'],
    }),
    // The stock of an order that was paid in time is held until product hears of this, and only then sold.
    confirmed: event({
      summary: 'Paid for good, or payable at the door',
      version: 1,
      data: OrderConfirmed,
      subscribers: ['cart', 'coupon', 'product'],
      batched: ['coupon', 'product'],
      lane: 'checkout',
    }),
    stockReturned: event({ summary: 'Units are for sale again', version: 1, data: StockReturned, subscribers: ['product'] }),
    delivered: event({ summary: 'An order was delivered, the first time', version: 1, data: OrderDelivered, subscribers: ['review'] }),
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
