import { Injectable } from '@nestjs/common';
import { orderApi } from '#libs/contracts/order/api';
import { Signals } from '#libs/messaging/signals';
import { isVisible } from './order.ts';
import type { OrderRow } from './order-row.ts';

/** Tells the gateways, and by them the customer's open pages, where an order stands. Lossy: a lost signal costs latency only. */
@Injectable()
export class OrderSignals {
  constructor(private readonly signals: Signals) {}

  announce({ id, user_id, number, status, payment_status }: OrderRow): void {
    if (!isVisible(status)) return;
    this.signals.send(orderApi.signals.statusChanged, {
      orderId: id,
      userId: user_id,
      number,
      status,
      paymentStatus: payment_status,
      at: new Date().toISOString(),
    });
  }
}
