import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Call } from '#libs/contracts/call';
import { refuse } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import { BusClient } from '#libs/messaging/bus-client';
import { Database } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { isKeyNoted, keyOf, noteKey, recall } from '#libs/persistence/idempotency';
import { OrderRepository } from '../order.repository.ts';
import { isVisible } from '../order.ts';
import type { CouponHold, ItemRow, OrderRow } from '../order-row.ts';
import { LEASE_SECONDS } from './checkout.repository.ts';

/** Milliseconds between two looks at an order that is being placed from the same cart. */
const LOOK_MS = 60;
/** Milliseconds of a deadline kept for the answer. */
const MARGIN_MS = 400;

/** Writes new orders: one for an idempotency key, and one for a cart version. */
@Injectable()
export class NewOrders {
  constructor(
    private readonly database: Database,
    private readonly orders: OrderRepository,
    private readonly bus: BusClient,
  ) {}

  /** The id of the order that an earlier request with this key has written. */
  async earlier(call: Call): Promise<string | undefined> {
    const key = keyOf(call);
    return key === undefined ? undefined : recall(this.database, key);
  }

  /**
   * The id of the order that was written, or of the one that a request with the same key has written meanwhile. A cart that another request
   * is ordering is waited for: once that order is visible this one is refused, and when it is refused this one is written.
   * @throws Refusal `order.cart_already_ordered` with the other order, or `unavailable` when its outcome is not known within the deadline.
   */
  async write(order: OrderRow, items: readonly ItemRow[], couponHold: CouponHold | null, call: Call): Promise<string> {
    for (;;) {
      try {
        return await this.insert(order, items, couponHold, call);
      } catch (error) {
        const earlier = isKeyNoted(error) ? await this.earlier(call) : undefined;
        if (earlier !== undefined) return earlier;
        if (order.cart_version === null || !isUniqueViolation(error, 'one_order_per_cart_version')) throw error;
        await this.otherOrderEnds(order.user_id, order.cart_version, call);
      }
    }
  }

  private insert(order: OrderRow, items: readonly ItemRow[], couponHold: CouponHold | null, call: Call): Promise<string> {
    return this.database.transaction(async (transaction) => {
      const key = keyOf(call);
      if (key !== undefined) noteKey(transaction, key, order.id);
      this.orders.create(transaction, order, items, couponHold, LEASE_SECONDS);
      return order.id;
    });
  }

  /** Returns when no order has the cart version any more. */
  private async otherOrderEnds(userId: string, cartVersion: string, call: Call): Promise<void> {
    for (;;) {
      const holder = await this.orders.holderOf(userId, cartVersion);
      if (holder === undefined) return;
      if (isVisible(holder.status))
        throw orderApi.refuse('order.cart_already_ordered', 'This cart was already ordered', { orderId: holder.id });
      if (this.bus.clock.now() + MARGIN_MS > call.deadline) throw refuse('unavailable', 'This cart is being ordered right now');
      await sleep(LOOK_MS * (0.5 + Math.random()));
    }
  }
}
