import { Injectable } from '@nestjs/common';
import type { AccountErased } from '#libs/contracts/auth/messages';
import { refuse } from '#libs/contracts/errors';
import type { OrderConfirmed, StockReturned } from '#libs/contracts/order/messages';
import { productApi } from '#libs/contracts/product/api';
import type { RatingChanged } from '#libs/contracts/review/messages';
import type { Wished } from '#libs/contracts/wishlist/messages';
import type { Logger } from '#libs/observability/logger';
import type { Transaction } from '#libs/persistence/transaction';
import { addedUp } from '#libs/pricing/order-lines';
import { InjectLogger } from '#libs/runtime/core.module';
import type { InTransaction, TransactionalDelivery } from '#libs/runtime/handlers';
import { CatalogueChanges } from './catalogue-changes.ts';
import { RatingRepository } from './rating.repository.ts';
import { RatingNews } from './rating-news.ts';
import { ReservationRepository } from './reservation.repository.ts';
import { countUnits, expectAll, idsOf, quantityOf } from './reservation-lines.ts';
import { Sales } from './sales.ts';
import { StockRepository } from './stock.repository.ts';
import { type Interest, InterestRepository } from './trending/interest.repository.ts';
import { Interests } from './trending/interests.ts';
import { TrendRepository } from './trending/trend.repository.ts';

@Injectable()
export class ProductReactions {
  constructor(
    private readonly stocks: StockRepository,
    private readonly reservations: ReservationRepository,
    private readonly changes: CatalogueChanges,
    private readonly sales: Sales,
    private readonly ratings: RatingRepository,
    private readonly ratingNews: RatingNews,
    private readonly interestRows: InterestRepository,
    private readonly interests: Interests,
    private readonly trends: TrendRepository,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  /** Sells what the orders hold. Where that is gone the order service cancels the order and its money goes back. */
  async onOrderConfirmed(orders: readonly OrderConfirmed[], { transaction }: InTransaction): Promise<void> {
    const gone = await this.sales.sellAll(
      transaction,
      orders.map(({ orderId }) => orderId),
    );
    for (const orderId of gone) {
      this.logger.error({ orderId }, 'stock.sale_failed');
      transaction.publish(productApi.events.saleFailed, { orderId });
    }
    await this.interested(
      transaction,
      orders.flatMap(({ userId, lines }) => lines.map(({ variantId }) => ({ variantId, person: userId, kind: 'sale' as const }))),
    );
  }

  async onWishlistWished(wishes: readonly Wished[], { transaction }: InTransaction): Promise<void> {
    await this.interested(
      transaction,
      wishes.map(({ userId, productId, at }) => ({ productId, person: userId, kind: 'wish', at })),
    );
  }

  async onAuthErased({ userId }: AccountErased, { transaction }: TransactionalDelivery): Promise<void> {
    await this.trends.rebuild(transaction, await this.interestRows.erase(transaction, userId));
  }

  /**
   * Cancelled or sent back units are on the shelf again, of withdrawn variants too: they lie in the warehouse, although they are not for sale.
   * More units than the order was sold are a mistake of the publisher: the reaction throws, and the event stays with the dead letters.
   */
  async onOrderStockReturned({ orderId, lines: returned }: StockReturned, { transaction }: TransactionalDelivery): Promise<void> {
    const lines = addedUp(returned);
    const reservation = await this.reservations.find(transaction, orderId);
    const hadLines = (reservation?.lines.length ?? 0) > 0;
    // Events come in no order: the one that sells these units is on its way.
    if (hadLines && (reservation?.state === 'held' || reservation?.state === 'released'))
      throw refuse('unavailable', 'the sale of this order has not been heard of yet');
    if (hadLines && reservation?.state === 'refused') {
      this.logger.warn({ orderId }, 'stock.returned_unsold');
      return;
    }
    const locked = await this.stocks.lock(transaction, idsOf(lines));
    expectAll(lines, await this.reservations.takeBack(transaction, orderId, lines));
    expectAll(lines, await this.stocks.restock(transaction, lines, orderId));
    await this.reservations.uncountSale(transaction, lines);
    await this.changes.stockMoved(transaction, locked, (row) => quantityOf(lines, row));
    countUnits(transaction, 'returned', lines);
  }

  async onReviewRatingChanged(ratings: readonly RatingChanged[], { transaction }: InTransaction): Promise<void> {
    const changed = await this.ratings.take(transaction, ratings);
    transaction.afterCommit(() => this.ratingNews.add(changed));
  }

  private async interested(transaction: Transaction, interests: readonly Interest[]): Promise<void> {
    await this.interestRows.note(transaction, interests);
    transaction.afterCommit(() => this.interests.wake());
  }
}
