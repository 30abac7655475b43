import { PostalAddress } from '../auth/views.ts';

import { Code, ListOf, Means, Nested, OneOf, Optional, Paise, Pattern, Text, Timestamp, Uuid, Whole, Words } from '../fields.ts';
import { pageOf } from '../page.ts';

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
  @Means('What one cost when it was ordered.') @Paise() unitPrice!: number;
  @Means('As ordered; it does not change.') @Whole(1, 1000) quantity!: number;
  @Means('Units of it that were cancelled.') @Whole(0, 1000) cancelledQuantity!: number;
  @Means('Units of it that were taken back.') @Whole(0, 1000) returnedQuantity!: number;
  @Means("The line's share of all discounts.") @Paise() discount!: number;
  @Means('GST, contained in `total` and never added.') @Paise() tax!: number;
  @Means('unitPrice × quantity − discount.') @Paise() total!: number;
}

export class OrderTax {
  @Means("Within the seller's state; equal to `sgst`.") @Paise() cgst!: number;
  @Means("Within the seller's state; equal to `cgst`.") @Paise() sgst!: number;
  @Means('To other states.') @Paise() igst!: number;
}

export class OrderPayment {
  @OneOf(['razorpay']) provider!: string;
  @Means("Razorpay's own id of the order.") @Text(1, 40) providerOrderId!: string;
}

export class OrderInvoice {
  @Means('Without gaps in a financial year.') @Text(1, 40) number!: string;
  @Timestamp() issuedAt!: string;
}

/** Takes an invoiced amount back, whether money moved or not. */
export class CreditNote {
  @Text(1, 40) number!: string;
  @Means('What is taken off the invoice, whether money moved or not.') @Paise() amount!: number;
  @Timestamp() issuedAt!: string;
}

export class Tracking {
  @Text(1, 60) carrier!: string;
  @Text(1, 60) number!: string;
  @Pattern(/^https:\/\/[^\s]{1,480}$/, 'must be an https address of at most 488 characters') url!: string;
}

/** Who an order is billed to when it is a business. */
export class Billing {
  @Words(1, 100) name!: string;
  @Means("The buyer's GST identification number, whose first two digits are the state of the billing address.")
  @Code(15, 15)
  gstin!: string;
  @Means('Absent: the shipping address.') @Optional() @Nested(() => PostalAddress) address?: PostalAddress;
}

export const RETURN_STATUSES = ['requested', 'received', 'refused'] as const;
export type ReturnStatus = (typeof RETURN_STATUSES)[number];

export class ReturnedItem {
  @Uuid() itemId!: string;
  @Whole(1, 1000) quantity!: number;
  @Means("In the customer's words.") @Text(1, 500) reason!: string;
}

export const RETURN_OUTCOMES = ['restock', 'scrap', 'reject'] as const;
export type ReturnOutcome = (typeof RETURN_OUTCOMES)[number];

/** Units of a return that share an outcome: for sale again, given back but not for sale, or sent to the customer again. */
export class ReceivedUnits {
  @Uuid() itemId!: string;
  @Whole(1, 1000) quantity!: number;
  @Means('`restock` and `scrap` are given back, only `restock` is for sale again; `reject` goes to the customer again.')
  @OneOf(RETURN_OUTCOMES)
  outcome!: ReturnOutcome;
}

export class OrderReturn {
  @Uuid() id!: string;
  @OneOf(RETURN_STATUSES) status!: ReturnStatus;
  @ListOf(() => ReturnedItem) items!: ReturnedItem[];
  @Means('While requested: what goes back when all of it is accepted. Afterwards: what went back.') @Paise() amount!: number;
  @Timestamp() requestedAt!: string;
  @Means('What became of each unit, where staff received the return unit by unit. Absent in a received one: all of it was taken back.')
  @Optional()
  @ListOf(() => ReceivedUnits)
  outcomes?: ReceivedUnits[];
}

export class TimelineEntry {
  @OneOf(ORDER_STATUSES) status!: OrderStatus;
  @Timestamp() at!: string;
  @Means('`customer`, `staff`, or the service that moved it.') @Text(1, 40) actor!: string;
  @Means('Seen by the customer and by staff.') @Optional() @Text(1, 500) note?: string;
}

export class Order {
  @Uuid() id!: string;
  @Means("For people; it carries India's day.") @Text(1, 40) number!: string;
  @Uuid() userId!: string;
  @OneOf(ORDER_STATUSES) status!: OrderStatus;
  @Means('`cod_due`: the courier collects it. It follows refunds that have not failed.')
  @OneOf(PAYMENT_STATUSES)
  paymentStatus!: PaymentStatus;
  @OneOf(PAYMENT_METHODS) paymentMethod!: PaymentMethod;
  @ListOf(() => OrderItem) items!: OrderItem[];
  @Means('Σ unitPrice × quantity, before discounts, as ordered.') @Paise() subtotal!: number;
  @Means("Σ of the lines' discounts, as ordered.") @Paise() discount!: number;
  @Optional() @Text(1, 40) couponCode?: string;
  @Means('As ordered; given back with the last unit that is cancelled.') @Paise() shippingFee!: number;
  @Means('For cash on delivery, as ordered.') @Paise() codFee!: number;
  @Means("GST contained in the lines' totals, as ordered.") @Nested(() => OrderTax) tax!: OrderTax;
  @Means('Σ items.total + shippingFee + codFee = what Razorpay is asked for.') @Paise() total!: number;
  @Means('Money really given back: refunds that are processed.') @Paise() refundedAmount!: number;
  @Means('total − cancelled shares − received, never below 0: what is still to be paid, and what the courier collects.')
  @Paise()
  amountDue!: number;
  @OneOf(['INR']) currency!: string;
  @Nested(() => PostalAddress) shippingAddress!: PostalAddress;
  @Optional() @Nested(() => Billing) billing?: Billing;
  @Optional() @Nested(() => OrderPayment) payment?: OrderPayment;
  @Means('Absent until the order is confirmed.') @Optional() @Nested(() => OrderInvoice) invoice?: OrderInvoice;
  @ListOf(() => CreditNote) creditNotes!: CreditNote[];
  @Means('Once the parcel is on its way.') @Optional() @Nested(() => Tracking) tracking?: Tracking;
  @Means('In the order of their requests.') @ListOf(() => OrderReturn) returns!: OrderReturn[];
  @ListOf(() => TimelineEntry) timeline!: TimelineEntry[];
  @Timestamp() createdAt!: string;
}

export class OrderPage extends pageOf(Order) {}
