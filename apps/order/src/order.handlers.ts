import { Injectable } from '@nestjs/common';
import type { PlaceOfUser, Sameness } from '#libs/contracts/auth/messages';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import type { ListOrders } from '#libs/contracts/order/api';
import type {
  FactsAsked,
  LastOrders,
  OrderFacts,
  OrderIds,
  OrderToView,
  PayableBy,
  PayableOrder,
  RazorpayOrderOf,
  UsersOfOrders,
} from '#libs/contracts/order/messages';
import type { Order, OrderPage } from '#libs/contracts/order/views';
import type { ById } from '#libs/contracts/page';
import { lineOf } from '#libs/places/lines';
import { OrderRepository } from './order.repository.ts';
import type { StoredStatus } from './order.ts';
import { changeOf } from './order-changed.ts';
import type { OrderRow } from './order-row.ts';

const MAX_FACTS = 500;

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

  async factsOf({ userId }: FactsAsked): Promise<OrderFacts> {
    const orders = await this.orders.factsOf(userId, MAX_FACTS);
    return { items: orders.flatMap((order) => changeOf(order, statusBefore(order), { cause: 'status' }) ?? []) };
  }

  async sameAddress({ userId, line1, pincode }: PlaceOfUser): Promise<Sameness> {
    const lines = await this.orders.linesAt(userId, pincode);
    return { same: lines.some((line) => lineOf(line) === lineOf(line1)) };
  }

  async attachPayment({ orderId, providerOrderId }: RazorpayOrderOf): Promise<void> {
    await this.orders.attachPayment(orderId, providerOrderId);
  }
}

const statusBefore = ({ status, timeline }: OrderRow): StoredStatus =>
  timeline.findLast((entry) => entry.status !== status)?.status ?? status;
