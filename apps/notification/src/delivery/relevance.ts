import { Injectable } from '@nestjs/common';
import { cartApi } from '#libs/contracts/cart/api';
import { Refusal } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Template } from '../causes.ts';
import type { Outgoing } from './outgoing.ts';

export interface Relevances {
  /** Messages that do not hold any more. */
  readonly stale: ReadonlySet<string>;
  /** Messages of which the service that knows did not say. */
  readonly unanswered: ReadonlySet<string>;
}

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

  /** Each message is asked for alone: one whose service does not answer holds up no other. */
  async of(outgoing: readonly Outgoing[]): Promise<Relevances> {
    const asked = outgoing.flatMap((one) => {
      const question = one.template === null ? undefined : this.questions[one.template];
      return question === undefined ? [] : [{ one, question }];
    });
    const answers = await Promise.allSettled(asked.map(({ one, question }) => question(one)));
    const idsWhere = (isSo: (answer: PromiseSettledResult<boolean> | undefined) => boolean): ReadonlySet<string> =>
      new Set(asked.filter((_, index) => isSo(answers[index])).map(({ one }) => one.id));
    return {
      stale: idsWhere((answer) => answer?.status === 'fulfilled' && !answer.value),
      unanswered: idsWhere((answer) => answer?.status === 'rejected'),
    };
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
