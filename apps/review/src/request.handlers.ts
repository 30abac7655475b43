import { Injectable } from '@nestjs/common';
import { Refusal } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { Order } from '#libs/contracts/order/views';
import { productApi } from '#libs/contracts/product/api';
import { reviewApi } from '#libs/contracts/review/api';
import type { OrderOfUser, ProductsToAskFor } from '#libs/contracts/review/messages';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { Database } from '#libs/persistence/database';
import { Rounds } from '#libs/runtime/rounds';
import { PurchaseRepository, type RequestRow } from './purchase.repository.ts';

const EVERY_MS = 2_000;

/** Asks buyers for reviews, once an order, some time after its first delivery. */
@Injectable()
export class RequestHandlers {
  constructor(
    private readonly database: Database,
    private readonly purchases: PurchaseRepository,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
    @InjectPeer(productApi) private readonly product: Peer<typeof productApi>,
    rounds: Rounds,
  ) {
    rounds.every('review.requests', EVERY_MS, () => this.askDue());
  }

  async toAskFor({ orderId, userId }: OrderOfUser): Promise<ProductsToAskFor> {
    const order = await this.find(orderId, userId);
    const kept = order === undefined ? [] : keptProducts(order);
    const open = kept.length === 0 ? [] : await this.purchases.notReviewed(userId, kept);
    return { productIds: open.length === 0 ? [] : await this.forSale(open) };
  }

  async askDue(): Promise<void> {
    const due = await this.purchases.claimDue();
    const outcomes = await Promise.allSettled(due.map((request) => this.ask(request)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** What the order service does not answer is asked again when the claim is over. */
  private async ask({ order_id: orderId, user_id: userId }: RequestRow): Promise<void> {
    const { productIds } = await this.toAskFor({ orderId, userId });
    await this.database.transaction(async (transaction) => {
      if ((await this.purchases.done(transaction, orderId)) && productIds.length > 0)
        transaction.publish(reviewApi.events.requestDue, { orderId, userId, productIds });
    });
  }

  /** Nobody can review what was withdrawn. */
  private async forSale(productIds: readonly string[]): Promise<string[]> {
    const { items } = await this.product.cards({ refs: productIds.map((productId) => ({ productId })) });
    return items.map(({ productId }) => productId);
  }

  private async find(orderId: string, userId: string): Promise<Order | undefined> {
    try {
      return await this.order.view({ orderId, userId });
    } catch (error) {
      if (error instanceof Refusal && error.code === 'not_found') return undefined;
      throw error;
    }
  }
}

/** Products of which units were delivered and did not come back. */
function keptProducts({ status, items }: Order): string[] {
  if (status === 'cancelled' || status === 'returned_to_origin') return [];
  const kept = items.filter(({ quantity, cancelledQuantity, returnedQuantity }) => quantity > cancelledQuantity + returnedQuantity);
  return [...new Set(kept.map(({ productId }) => productId))];
}
