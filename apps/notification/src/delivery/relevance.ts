import { Injectable } from '@nestjs/common';
import { cartApi } from '#libs/contracts/cart/api';
import { Refusal } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Template } from '../causes.ts';
import type { Outgoing } from './outgoing.ts';

type Question = (one: Outgoing) => Promise<boolean>;

/** Asks, as a message leaves, whether what it says still holds. A template that has no question here holds for good. */
@Injectable()
export class Relevance {
  private readonly questions: Partial<Record<Template, Question>> = {
    payment_failed: (one) => this.isUnpaid(one),
    cart_abandoned: (one) => this.isCartAsItWas(one),
  };

  constructor(
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
    @InjectPeer(cartApi) private readonly cart: Peer<typeof cartApi>,
  ) {}

  /** Those that do not hold any more. @throws unavailable while the service that knows is away */
  async staleOf(outgoing: readonly Outgoing[]): Promise<ReadonlySet<string>> {
    const stale = new Set<string>();
    for (const one of outgoing) {
      const question = one.template === null ? undefined : this.questions[one.template];
      if (question !== undefined && !(await question(one))) stale.add(one.id);
    }
    return stale;
  }

  private async isUnpaid({ user_id, data }: Outgoing): Promise<boolean> {
    try {
      const order = await this.order.view({ orderId: data.orderId ?? '', userId: user_id });
      return order.status === 'pending_payment' && order.paymentStatus === 'unpaid';
    } catch (error) {
      if (error instanceof Refusal && error.code === 'not_found') return false;
      throw error;
    }
  }

  private async isCartAsItWas({ user_id, variables }: Outgoing): Promise<boolean> {
    return (await this.cart.snapshot({ userId: user_id ?? '' })).version === variables.version;
  }
}
