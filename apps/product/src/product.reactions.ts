import { Injectable } from '@nestjs/common';
import type { StockReturned } from '#libs/contracts/order/messages';
import { addedUp } from '#libs/pricing/order-lines';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { CatalogueChanges } from './catalogue-changes.ts';
import { ReservationRepository } from './reservation.repository.ts';
import { countUnits, expectAll, idsOf, quantityOf } from './reservation-lines.ts';
import { StockRepository } from './stock.repository.ts';

@Injectable()
export class ProductReactions {
  constructor(
    private readonly stocks: StockRepository,
    private readonly reservations: ReservationRepository,
    private readonly changes: CatalogueChanges,
  ) {}

  /**
   * Cancelled or sent back units are on the shelf again, of withdrawn variants too: they lie in the warehouse, although they are not for sale.
   * More units than the order was sold are a mistake of the publisher: the reaction throws, and the event stays with the dead letters.
   */
  async onOrderStockReturned({ orderId, lines: returned }: StockReturned, { transaction }: TransactionalDelivery): Promise<void> {
    const lines = addedUp(returned);
    const locked = await this.stocks.lock(transaction, idsOf(lines));
    expectAll(lines, await this.reservations.takeBack(transaction, orderId, lines));
    expectAll(lines, await this.stocks.restock(transaction, lines, orderId));
    await this.reservations.uncountSale(transaction, lines);
    await this.changes.stockMoved(transaction, locked, (row) => quantityOf(lines, row));
    countUnits(transaction, 'returned', lines);
  }
}
