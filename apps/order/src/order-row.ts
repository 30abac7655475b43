import { randomInt } from 'node:crypto';
import type { PostalAddress } from '#libs/contracts/auth/views';
import type { HoldCoupons } from '#libs/contracts/coupon/messages';
import type {
  Billing,
  CreditNote,
  Order,
  OrderInvoice,
  OrderItem,
  OrderReturn,
  PaymentMethod,
  PaymentStatus,
  TimelineEntry,
  Tracking,
} from '#libs/contracts/order/views';
import { indianDay } from './india-time.ts';
import { isVisible, type StoredStatus } from './order.ts';

/** The coupons to hold: what the coupon service is asked, beside the order's id and time. */
export type CouponHold = Pick<HoldCoupons, 'basket' | 'lines' | 'freeShipping'>;

/** An order as it is stored; amounts in paise. */
export interface OrderRow {
  readonly id: string;
  readonly number: string;
  readonly user_id: string;
  readonly status: StoredStatus;
  readonly payment_status: PaymentStatus;
  readonly payment_method: PaymentMethod;
  readonly cart_version: string | null;
  /** True with a code or a promotion, whose uses the coupon service holds. */
  readonly uses_coupons: boolean;
  readonly subtotal: number;
  readonly discount: number;
  readonly coupon_code: string | null;
  readonly shipping_fee: number;
  readonly cod_fee: number;
  readonly cgst: number;
  readonly sgst: number;
  readonly igst: number;
  readonly total: number;
  readonly received: number;
  readonly refunded: number;
  readonly currency: string;
  readonly shipping_address: PostalAddress;
  readonly billing: Billing | null;
  readonly provider_order_id: string | null;
  readonly invoice: OrderInvoice | null;
  readonly credit_notes: readonly CreditNote[];
  readonly returns: readonly OrderReturn[];
  /** Worth of cancelled units and of units returned to origin, with the fees that went back. */
  readonly cancelled_share: number;
  /** Refunds that have not failed. */
  readonly refund_requested: number;
  /** Paise of the invoice that credit notes have taken back. */
  readonly credited: number;
  /** How often it has changed since it could be seen. */
  readonly changes: number;
  readonly delivered_at: Date | null;
  readonly tracking: Tracking | null;
  readonly timeline: readonly TimelineEntry[];
  readonly expires_at: Date;
  /** Of the request that placed it, where traces are made. */
  readonly traceparent: string | null;
  readonly created_at: Date;
}

export interface ItemRow {
  readonly id: string;
  readonly order_id: string;
  readonly position: number;
  readonly product_id: string;
  readonly variant_id: string;
  readonly name: string;
  readonly sku: string;
  readonly size: string;
  readonly color: string;
  readonly hsn: string | null;
  readonly gst_rate: number;
  readonly unit_price: number;
  readonly quantity: number;
  readonly cancelled_quantity: number;
  readonly returned_quantity: number;
  readonly discount: number;
  readonly tax: number;
  readonly total: number;
}

/** An order and its lines in one answer: a second statement would cost as much as all of the first. */
export interface OrderWithItems extends OrderRow {
  readonly items: readonly ItemRow[];
}

/** The order as the API shows it. Throws in status `placing` or `refused`, which the API does not have. */
export function orderOf(row: OrderRow, items: readonly ItemRow[]): Order {
  if (!isVisible(row.status)) throw new Error(`an order that is ${row.status} is not shown`);
  const isOver = row.status === 'cancelled' || row.status === 'expired' || row.status === 'returned_to_origin';
  return {
    id: row.id,
    number: row.number,
    userId: row.user_id,
    status: row.status,
    paymentStatus: row.payment_status,
    paymentMethod: row.payment_method,
    items: items.map(itemOf),
    subtotal: row.subtotal,
    discount: row.discount,
    ...(row.coupon_code === null ? {} : { couponCode: row.coupon_code }),
    shippingFee: row.shipping_fee,
    codFee: row.cod_fee,
    tax: { cgst: row.cgst, sgst: row.sgst, igst: row.igst },
    total: row.total,
    refundedAmount: row.refunded,
    amountDue: isOver ? 0 : Math.max(0, row.total - row.cancelled_share - row.received),
    currency: row.currency,
    shippingAddress: row.shipping_address,
    ...(row.billing === null ? {} : { billing: row.billing }),
    ...(row.provider_order_id === null ? {} : { payment: { provider: 'razorpay', providerOrderId: row.provider_order_id } }),
    ...(row.invoice === null ? {} : { invoice: row.invoice }),
    creditNotes: [...row.credit_notes],
    ...(row.tracking === null ? {} : { tracking: row.tracking }),
    returns: [...row.returns],
    timeline: [...row.timeline],
    createdAt: row.created_at.toISOString(),
  };
}

const itemOf = (row: ItemRow): OrderItem => ({
  id: row.id,
  productId: row.product_id,
  variantId: row.variant_id,
  name: row.name,
  sku: row.sku,
  size: row.size,
  color: row.color,
  unitPrice: row.unit_price,
  quantity: row.quantity,
  cancelledQuantity: row.cancelled_quantity,
  returnedQuantity: row.returned_quantity,
  discount: row.discount,
  tax: row.tax,
  total: row.total,
});

/** Letters and digits that cannot be taken for each other when read over the phone. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `OU261124-7K3QX9ZD`: the day in India and eight random characters, so that numbers tell nobody how much is sold. */
export function orderNumber(at: Date): string {
  const date = indianDay(at).slice(2).replaceAll('-', '');
  return `OU${date}-${Array.from({ length: 8 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;
}
