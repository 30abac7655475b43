import { Injectable } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import type { OrderConfirmed, StockReturned } from '#libs/contracts/order/messages';
import { productApi } from '#libs/contracts/product/api';
import type { RatingChanged } from '#libs/contracts/review/messages';
import type { Logger } from '#libs/observability/logger';
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

@Injectable()
export class ProductReactions {
  constructor(
    private readonly stocks: StockRepository,
    private readonly reservations: ReservationRepository,
    private readonly changes: CatalogueChanges,
    private readonly sales: Sales,
    private readonly ratings: RatingRepository,
    private readonly ratingNews: RatingNews,
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
}
