import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import type { PostalAddress } from '#libs/contracts/auth/views';
import { type Call, userOf } from '#libs/contracts/call';
import { cartApi } from '#libs/contracts/cart/api';
import { MAX_LINE_QUANTITY } from '#libs/contracts/cart/views';
import type { Basket, Discounts } from '#libs/contracts/coupon/messages';
import { invalid, Refusal, refuse } from '#libs/contracts/errors';
import { orderApi, type PlaceOrder } from '#libs/contracts/order/api';
import type { Order, PaymentMethod } from '#libs/contracts/order/views';
import { productApi } from '#libs/contracts/product/api';
import type { OrderLine, Quote, Shortage } from '#libs/contracts/product/messages';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { presentTrace } from '#libs/observability/tracing';
import { canLieIn } from '#libs/places/pincodes';
import { STATE_NAMES, stateOf } from '#libs/places/states';
import { DiscountSource } from '#libs/pricing/discount-source';
import { addedUp, basketLineOf } from '#libs/pricing/order-lines';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { indianDay } from '../india-time.ts';
import { type OrderEnv, orderEnv } from '../order.env.ts';
import { OrderRepository } from '../order.repository.ts';
import { type ItemRow, type OrderRow, orderNumber, orderOf } from '../order-row.ts';
import { billingOf } from './billing.ts';
import { CheckoutRepository, type StoredRefusal } from './checkout.repository.ts';
import { CheckoutSaga } from './checkout.saga.ts';
import { CrashPoints } from './crash-points.ts';
import { NewOrders } from './new-orders.ts';
import { type PricedOrder, priceOrder } from './pricing.ts';

interface OrderRequest {
  readonly lines: readonly OrderLine[];
  readonly cartVersion: string | null;
  readonly couponCode: string | undefined;
}

/** Makes an order of a request: prices the lines, writes the order, and takes the checkout's first steps. */
@Injectable()
export class PlaceOrderHandlers {
  constructor(
    private readonly newOrders: NewOrders,
    private readonly orders: OrderRepository,
    private readonly checkouts: CheckoutRepository,
    private readonly saga: CheckoutSaga,
    private readonly crash: CrashPoints,
    private readonly discounts: DiscountSource,
    @InjectPeer(cartApi) private readonly cart: Peer<typeof cartApi>,
    @InjectPeer(productApi) private readonly product: Peer<typeof productApi>,
    @InjectPeer(authApi) private readonly auth: Peer<typeof authApi>,
    @InjectEnvironment(orderEnv) private readonly env: OrderEnv,
  ) {}

  /** A repeat of a request is answered with the order that the first one made, which is looked for once the repeat is refused. */
  async place(input: PlaceOrder, call: Call): Promise<Order> {
    try {
      return await this.placeNew(input, call);
    } catch (error) {
      const earlier = error instanceof Refusal ? await this.newOrders.earlier(call) : undefined;
      if (earlier === undefined) throw error;
      return this.outcomeOf(earlier);
    }
  }

  private async placeNew(input: PlaceOrder, call: Call): Promise<Order> {
    const { userId } = userOf(call);
    const request = await this.requestOf(userId, input);
    const [{ items: quotes }, address] = await Promise.all([
      this.product.quote({ variantIds: request.lines.map(({ variantId }) => variantId) }),
      this.addressFor(userId, input),
    ]);
    const lines = quotedLines(request, quotes);
    const basket = basketOf(userId, lines, request.couponCode, input.paymentMethod);
    const discounts = await this.discounts.discountsFor(basket);
    if (request.couponCode !== undefined && discounts.code !== 'applied')
      throw orderApi.refuse('coupon.not_applicable', 'This code does not apply to the order');
    const priced = this.price(lines, discounts, input.paymentMethod, address);
    if (input.expectedTotal !== undefined && input.expectedTotal !== priced.total) {
      throw orderApi.refuse('order.total_changed', 'The total is not what you agreed to', { total: priced.total });
    }

    const order = this.rowFor(userId, input, request, priced, discounts, address);
    const items = itemsFor(order.id, priced);
    const couponHold = discounts.uses ? { basket, lines: discounts.lines, freeShipping: discounts.freeShipping } : null;
    const written = await this.newOrders.write(order, items, couponHold, call);
    if (written !== order.id) return this.outcomeOf(written);
    this.crash.at('placed');
    const outcome = await this.saga.advance({ order_id: order.id, step: 'reserve_stock', attempts: 0 }, { order, items });
    if (outcome === undefined) return this.outcomeOf(order.id);
    if ('refusal' in outcome) throw refusalOf(outcome.refusal);
    return orderOf(outcome.order, items);
  }

  /** The visible order, the refusal it ended with, or 503 while it is being placed. */
  private async outcomeOf(orderId: string): Promise<Order> {
    const order = await this.orders.find(orderId, undefined);
    if (order !== undefined) return order;
    const refusal = await this.checkouts.refusalOf(orderId);
    if (refusal !== undefined) throw refusalOf(refusal);
    throw refuse('unavailable', 'The order is being placed; send the same request again to learn how it ended');
  }

  private async requestOf(userId: string, input: PlaceOrder): Promise<OrderRequest> {
    if (input.items !== undefined) return { lines: linesOf(input.items), cartVersion: null, couponCode: input.couponCode };
    const { version, lines, couponCode } = await this.cart.snapshot({ userId });
    if (lines.length === 0) throw orderApi.refuse('order.cart_empty', 'The cart is empty');
    return { lines, cartVersion: version, couponCode: input.couponCode ?? couponCode };
  }

  private async addressFor(userId: string, { addressId, shippingAddress }: PlaceOrder): Promise<PostalAddress> {
    if ((addressId === undefined) === (shippingAddress === undefined))
      throw invalid([{ path: 'addressId', message: 'give either addressId or shippingAddress' }]);
    if (shippingAddress !== undefined) return shippingAddress;
    try {
      return readable(await this.auth.addressOf({ userId, addressId: addressId as string }));
    } catch (error) {
      if (error instanceof Refusal && error.code === 'not_found')
        throw invalid([{ path: 'addressId', message: 'is not one of your addresses' }]);
      throw error;
    }
  }

  private price(lines: readonly QuotedLine[], discounts: Discounts, method: PaymentMethod, address: PostalAddress): PricedOrder {
    return priceOrder({
      // The coupon service answers in the order it was asked in.
      lines: lines.map((line, index) => ({ ...line, discount: discounts.lines[index]?.discount ?? 0 })),
      freeShipping: discounts.freeShipping,
      codFee: method === 'cod' ? this.env.COD_FEE : 0,
      shipping: { fee: this.env.SHIPPING_FEE, freeFrom: this.env.FREE_SHIPPING_FROM },
      withinState: stateOf(address.state) === stateOf(this.env.SELLER_STATE),
      on: indianDay(new Date()),
    });
  }

  private rowFor(
    userId: string,
    input: PlaceOrder,
    { cartVersion }: OrderRequest,
    priced: PricedOrder,
    discounts: Discounts,
    address: PostalAddress,
  ): OrderRow {
    const now = new Date();
    return {
      id: uuidv7(),
      number: orderNumber(now),
      user_id: userId,
      status: 'placing',
      payment_status: 'unpaid',
      payment_method: input.paymentMethod,
      cart_version: cartVersion,
      uses_coupons: discounts.uses,
      subtotal: priced.subtotal,
      discount: priced.discount,
      coupon_code: discounts.couponCode ?? null,
      shipping_fee: priced.shippingFee,
      cod_fee: priced.codFee,
      ...priced.tax,
      total: priced.total,
      received: 0,
      refunded: 0,
      currency: 'INR',
      shipping_address: address,
      billing: billingOf(input.billing, address),
      provider_order_id: null,
      invoice: null,
      credit_notes: [],
      returns: [],
      cancelled_share: 0,
      refund_requested: 0,
      credited: 0,
      changes: 0,
      delivered_at: null,
      tracking: null,
      timeline: [],
      expires_at: new Date(now.getTime() + this.env.ORDER_PAYMENT_TTL_SECONDS * 1_000),
      created_at: now,
      traceparent: presentTrace(),
    };
  }
}

const refusalOf = ({ code, detail, fields }: StoredRefusal): Refusal => new Refusal(code, 'conflict', detail, fields);

/** An address saved before states and PIN codes were checked may name no place: it is corrected by the customer, never guessed. */
function readable(address: PostalAddress): PostalAddress {
  const state = stateOf(address.state);
  if (state === undefined)
    throw invalid([{ path: 'addressId', message: 'names no state of India; correct the address first', allowed: STATE_NAMES }]);
  if (!canLieIn(address.pincode, state))
    throw invalid([{ path: 'addressId', message: `has a PIN code that cannot lie in ${state.name}; correct the address first` }]);
  return { ...address, state: state.name };
}

interface QuotedLine {
  readonly quote: Quote;
  readonly quantity: number;
}

/** Throws `order.out_of_stock` when a line's whole quantity is not in stock. */
function quotedLines({ lines }: OrderRequest, quotes: readonly Quote[]): QuotedLine[] {
  const byVariant = new Map(quotes.map((quote) => [quote.variantId, quote]));
  const short: Shortage[] = [];
  const quoted = lines.flatMap(({ variantId, quantity }) => {
    const quote = byVariant.get(variantId);
    if (quote !== undefined && quote.available >= quantity) return [{ quote, quantity }];
    short.push({ variantId, available: quote?.available ?? 0 });
    return [];
  });
  if (short.length > 0) throw orderApi.refuse('order.out_of_stock', 'Some of this is no longer in stock', { lines: short });
  return quoted;
}

const basketOf = (userId: string, lines: readonly QuotedLine[], code: string | undefined, paymentMethod: PaymentMethod): Basket => ({
  userId,
  lines: lines.map(({ quote, quantity }) => basketLineOf(quote, quantity)),
  ...(code === undefined ? {} : { code }),
  paymentMethod,
});

function linesOf(items: readonly OrderLine[]): OrderLine[] {
  const lines = addedUp(items);
  if (lines.some(({ quantity }) => quantity > MAX_LINE_QUANTITY))
    throw invalid([{ path: 'items', message: `may ask for at most ${MAX_LINE_QUANTITY} of a variant` }]);
  return lines;
}

const itemsFor = (orderId: string, { lines }: PricedOrder): ItemRow[] =>
  lines.map(({ quote, quantity, discount, taxes, total, gstRate }, position) => ({
    id: uuidv7(),
    order_id: orderId,
    position,
    product_id: quote.productId,
    variant_id: quote.variantId,
    name: quote.name,
    sku: quote.sku,
    size: quote.size,
    color: quote.color,
    hsn: quote.hsn,
    gst_rate: gstRate,
    unit_price: quote.price,
    quantity,
    cancelled_quantity: 0,
    returned_quantity: 0,
    discount,
    tax: taxes.cgst + taxes.sgst + taxes.igst,
    total,
  }));
