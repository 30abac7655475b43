import { Injectable } from '@nestjs/common';
import type { AccountErased } from '#libs/contracts/auth/messages';
import type { OrderConfirmed, OrderVoided } from '#libs/contracts/order/messages';
import type { InTransaction, TransactionalDelivery } from '#libs/runtime/handlers';
import { CouponRepository } from './coupon.repository.ts';
import { HoldRepository } from './hold.repository.ts';

@Injectable()
export class CouponReactions {
  constructor(
    private readonly holds: HoldRepository,
    private readonly coupons: CouponRepository,
  ) {}

  /** Counts towards "first order only". */
  async onOrderConfirmed(orders: readonly OrderConfirmed[], { transaction }: InTransaction): Promise<void> {
    this.holds.confirmOrders(transaction, orders);
  }

  /** All of it went back, so its coupon uses do. */
  async onOrderVoided({ orderId, userId }: OrderVoided, { transaction }: TransactionalDelivery): Promise<void> {
    await this.holds.release(transaction, orderId);
    await this.holds.voidOrder(transaction, orderId, userId);
  }

  /** Uses stay, by order: they are books. */
  async onAuthErased({ userId }: AccountErased, { transaction }: TransactionalDelivery): Promise<void> {
    await this.coupons.forgetUser(transaction, userId);
  }
}
