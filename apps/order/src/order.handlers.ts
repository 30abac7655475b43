import { Injectable } from '@nestjs/common';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import type { ListOrders } from '#libs/contracts/order/api';
import type {
  LastOrders,
  OrderIds,
  OrderToView,
  PayableBy,
  PayableOrder,
  RazorpayOrderOf,
  UsersOfOrders,
} from '#libs/contracts/order/messages';
import type { Order, OrderPage } from '#libs/contracts/order/views';
import type { ById } from '#libs/contracts/page';
import { OrderRepository } from './order.repository.ts';

/** Reads orders for people and for other services, and keeps what payment tells of them. */
@Injectable()
export class OrderHandlers {
  constructor(private readonly orders: OrderRepository) {}

  /** The caller's own order, any order for staff. */
  get({ id }: ById, call: Call): Promise<Order> {
    return this.orders.get(id, isStaff(call.actor) ? undefined : userOf(call).userId);
  }

  history({ userId, status, limit, cursor }: ListOrders): Promise<OrderPage> {
    return this.orders.history(userId, status, limit, cursor);
  }

  async payable({ orderId, userId }: PayableBy): Promise<PayableOrder> {
    const { number, total, currency, status, paymentStatus } = await this.orders.get(orderId, userId);
    return { orderId, userId, number, amount: total, currency, payable: status === 'pending_payment' && paymentStatus === 'unpaid' };
  }

  view({ orderId, userId }: OrderToView): Promise<Order> {
    return this.orders.get(orderId, userId ?? undefined);
  }

  async needingStock({ orderIds }: OrderIds): Promise<OrderIds> {
    return { orderIds: await this.orders.needingStock(orderIds) };
  }

  async lastOrders({ userIds }: UsersOfOrders): Promise<LastOrders> {
    return { items: await this.orders.lastOf(userIds) };
  }

  async attachPayment({ orderId, providerOrderId }: RazorpayOrderOf): Promise<void> {
    await this.orders.attachPayment(orderId, providerOrderId);
  }
}
