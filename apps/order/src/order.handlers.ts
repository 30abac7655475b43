import { Injectable } from '@nestjs/common';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import {
  type CancelOrder,
  type Order,
  type OrderId,
  type OrderPage,
  type OrdersOf,
  orderApi,
  type PayableBy,
  type PayableOrder,
  type PlaceOrder,
  type RazorpayOrderOf,
} from '#libs/contracts/order';
import { Database } from '#libs/persistence/database';
import { remember } from '#libs/persistence/idempotency';
import { CheckoutRepository } from './checkout.repository.ts';
import { CheckoutSaga } from './checkout.saga.ts';
import { OrderRepository } from './order.repository.ts';
import { OrderPlacement } from './place-order.ts';

@Injectable()
export class OrderHandlers {
  constructor(
    private readonly database: Database,
    private readonly placement: OrderPlacement,
    private readonly orders: OrderRepository,
    private readonly checkouts: CheckoutRepository,
    private readonly saga: CheckoutSaga,
  ) {}

  place(input: PlaceOrder, call: Call): Promise<Order> {
    return this.placement.place(input, call);
  }

  async get({ id }: OrderId, call: Call): Promise<Order> {
    return this.visible(id, call);
  }

  history({ userId, status, limit, cursor }: OrdersOf, _call: Call): Promise<OrderPage> {
    return this.orders.history(userId, status, limit, cursor);
  }

  async cancel({ id, reason }: CancelOrder, call: Call): Promise<Order> {
    const order = await this.visible(id, call);
    const { idempotency } = call;
    if (idempotency !== undefined)
      await this.database.transaction((transaction) => remember(transaction, { actor: userOf(call).userId, ...idempotency }, id));
    if (order.status === 'cancelled') return order;
    const cancelled = await this.checkouts.cancel(id, isStaff(call.actor) ? 'staff' : 'customer', reason);
    if (cancelled !== undefined) await this.saga.advance({ order_id: id, step: 'release', attempts: 0 });
    const now = await this.visible(id, call);
    if (now.status !== 'cancelled') throw orderApi.refuse('order.not_cancellable', `An order that is ${now.status} cannot be cancelled`);
    return now;
  }

  async payable({ orderId, userId }: PayableBy, _call: Call): Promise<PayableOrder> {
    const found = await this.orders.find(orderId, userId);
    if (found === undefined) throw notFound();
    const { number, total, currency, status, paymentStatus } = found;
    return { orderId, userId, number, amount: total, currency, payable: status === 'pending_payment' && paymentStatus === 'unpaid' };
  }

  async view({ orderId, userId }: PayableBy, _call: Call): Promise<Order> {
    const found = await this.orders.find(orderId, userId);
    if (found === undefined) throw notFound();
    return found;
  }

  async attachPayment({ orderId, providerOrderId }: RazorpayOrderOf, _call: Call): Promise<void> {
    await this.orders.attachPayment(orderId, providerOrderId);
  }

  /** The caller's own order, or anyone's for staff; nobody learns of a foreign one. */
  private async visible(id: string, call: Call): Promise<Order> {
    const found = await this.orders.find(id, isStaff(call.actor) ? undefined : userOf(call).userId);
    if (found === undefined) throw notFound();
    return found;
  }
}
