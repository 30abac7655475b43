import { Injectable } from '@nestjs/common';
import { cartApi } from '#libs/contracts/cart/api';
import { chatApi } from '#libs/contracts/chat/api';
import { Refusal } from '#libs/contracts/errors';
import { feedbackApi } from '#libs/contracts/feedback/api';
import { orderApi } from '#libs/contracts/order/api';
import { reviewApi } from '#libs/contracts/review/api';
import { wishlistApi } from '#libs/contracts/wishlist/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Template } from '../causes.ts';
import { rupees } from '../texts/rupees.ts';
import type { Values } from '../texts/text.ts';
import type { Outgoing, Telling } from './outgoing.ts';
import { isClearing } from './outgoing.ts';

export interface Relevances {
  /** Messages with what of them still holds. */
  readonly holding: ReadonlyMap<string, Outgoing>;
  /** Messages of which nothing holds any more. */
  readonly stale: ReadonlySet<string>;
  /** Messages of which the service that knows did not say. */
  readonly unanswered: ReadonlySet<string>;
}

/** False: it does not hold any more. Else what its texts need that the event did not say. */
type Question = (telling: Telling, userId: string | null) => Promise<Values | false>;

/** Asks, as a message leaves, whether what it says still holds. A template that has no question here holds for good. */
@Injectable()
export class Relevance {
  private readonly questions: Partial<Record<Template, Question>> = {
    payment_failed: (telling, userId) => this.isUnpaid(telling, userId),
    cart_abandoned: (telling, userId) => this.isCartAsItWas(telling, userId),
    back_in_stock: (telling) => this.isWaitOver(telling),
    price_drop: (telling) => this.isWaitOver(telling),
    review_request: (telling, userId) => this.isLeftToReview(telling, userId),
    feedback_status: (telling, userId) => this.isWanted(telling, userId),
    feedback_reply: (telling, userId) => this.isWanted(telling, userId),
    chat_unread: (telling, userId) => this.isUnread(telling, userId),
  };

  constructor(
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
    @InjectPeer(cartApi) private readonly cart: Peer<typeof cartApi>,
    @InjectPeer(reviewApi) private readonly review: Peer<typeof reviewApi>,
    @InjectPeer(wishlistApi) private readonly wishlist: Peer<typeof wishlistApi>,
    @InjectPeer(feedbackApi) private readonly feedback: Peer<typeof feedbackApi>,
    @InjectPeer(chatApi) private readonly chat: Peer<typeof chatApi>,
  ) {}

  /** Each message is asked for alone: one whose service does not answer holds up no other. */
  async of(outgoing: readonly Outgoing[]): Promise<Relevances> {
    const [holding, stale, unanswered] = [new Map<string, Outgoing>(), new Set<string>(), new Set<string>()];
    await Promise.all(
      outgoing.map(async (one) => {
        try {
          const held = await this.heldOf(one);
          if (held === undefined) stale.add(one.id);
          else holding.set(one.id, held);
        } catch {
          unanswered.add(one.id);
        }
      }),
    );
    return { holding, stale, unanswered };
  }

  /** A digest loses what does not hold any more, and has the words of the last that does. */
  private async heldOf(one: Outgoing): Promise<Outgoing | undefined> {
    const { template, variables, data, gathered, user_id: userId } = one;
    const tellings: readonly Telling[] = [...gathered, { template, variables, data }];
    const answers = await Promise.all(tellings.map((telling) => this.answerTo(telling, userId)));
    const held = tellings.flatMap((telling, index) => {
      const values = answers[index];
      return values === undefined || values === false ? [] : [{ ...telling, variables: { ...telling.variables, ...values } }];
    });
    const last = held.at(-1);
    return last === undefined ? undefined : { ...one, ...last, count: one.count - (tellings.length - held.length) };
  }

  private async answerTo(telling: Telling, userId: string | null): Promise<Values | false> {
    const question = telling.template === null ? undefined : this.questions[telling.template];
    return question === undefined ? {} : question(telling, userId);
  }

  private async isUnpaid({ data }: Telling, userId: string | null): Promise<Values | false> {
    try {
      const { number, status, paymentStatus } = await this.order.view({ orderId: data.orderId ?? '', userId });
      return status === 'pending_payment' && paymentStatus === 'unpaid' && { number };
    } catch (error) {
      if (error instanceof Refusal && error.code === 'not_found') return false;
      throw error;
    }
  }

  private async isCartAsItWas({ variables }: Telling, userId: string | null): Promise<Values | false> {
    return (await this.cart.snapshot({ userId: userId ?? '' })).version === variables.version && {};
  }

  private async isWaitOver({ data }: Telling): Promise<Values | false> {
    const { holds, product, price } = await this.wishlist.stillHolds({ alertId: data.alertId ?? '' });
    return holds && { ...(product !== undefined && { product }), ...(price !== undefined && { price: rupees(price) }) };
  }

  private async isLeftToReview({ data }: Telling, userId: string | null): Promise<Values | false> {
    const { productIds } = await this.review.toAskFor({ orderId: data.orderId ?? '', userId: userId ?? '' });
    return productIds.length > 0 && {};
  }

  /** What takes a push back holds whatever came since. */
  private async isUnread({ data }: Telling, userId: string | null): Promise<Values | false> {
    if (isClearing(data)) return {};
    const { unread } = await this.chat.unreadOf({ threadId: data.threadId ?? '', userId: userId ?? '' });
    return unread > 0 && { count: String(unread) };
  }

  /** The subscription may have ended after the event. */
  private async isWanted({ data }: Telling, userId: string | null): Promise<Values | false> {
    return (await this.feedback.stillWants({ feedbackId: data.feedbackId ?? '', userId: userId ?? '' })).wanted && {};
  }
}
