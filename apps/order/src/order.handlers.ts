import { Injectable } from '@nestjs/common';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import type { ListOrders, PlaceOrder } from '#libs/contracts/order/api';
import type { OrderToView, PayableBy, PayableOrder, RazorpayOrderOf } from '#libs/contracts/order/messages';
import type { Order, OrderPage } from '#libs/contracts/order/views';
import type { ById } from '#libs/contracts/page';
import { OrderPlacement } from './checkout/place-order.ts';
import { OrderRepository } from './order.repository.ts';

@Injectable()
export class OrderHandlers {
  constructor(
    private readonly placement: OrderPlacement,
    private readonly orders: OrderRepository,
  ) {}

  place(input: PlaceOrder, call: Call): Promise<Order> {
    return this.placement.place(input, call);
  }

  async get({ id }: ById, call: Call): Promise<Order> {
    return this.visible(id, call);
  }

  history({ userId, status, limit, cursor }: ListOrders, _call: Call): Promise<OrderPage> {
    return this.orders.history(userId, status, limit, cursor);
  }

  async payable({ orderId, userId }: PayableBy, _call: Call): Promise<PayableOrder> {
    const found = await this.orders.find(orderId, userId);
    if (found === undefined) throw notFound();
    const { number, total, currency, status, paymentStatus } = found;
    return { orderId, userId, number, amount: total, currency, payable: status === 'pending_payment' && paymentStatus === 'unpaid' };
  }

  async view({ orderId, userId }: OrderToView, _call: Call): Promise<Order> {
    const found = await this.orders.find(orderId, userId ?? undefined);
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
