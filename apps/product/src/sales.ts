import { Injectable } from '@nestjs/common';
import type { OrderLine } from '#libs/contracts/product/messages';
import type { Transaction } from '#libs/persistence/transaction';
import { CatalogueChanges } from './catalogue-changes.ts';
import { stockUnits } from './product.metrics.ts';
import { ReservationRepository } from './reservation.repository.ts';
import { countUnits, expectAll, idsOf, quantityOf, shortagesOf } from './reservation-lines.ts';
import { StockRepository, type StockRow } from './stock.repository.ts';

/** Turns what orders hold into sales. */
@Injectable()
export class Sales {
  constructor(
    private readonly reservations: ReservationRepository,
    private readonly stocks: StockRepository,
    private readonly changes: CatalogueChanges,
  ) {}

  /**
   * Sells what these orders hold, once; what was given back is taken again. Answers the orders whose units are gone, which is final.
   */
  async sellAll(tx: Transaction, orderIds: readonly string[]): Promise<string[]> {
    const sold = await this.sellHeld(tx, orderIds);
    const gone: string[] = [];
    const others = orderIds.filter((id) => !sold.includes(id)).sort();
    if (others.length > 1) await this.reservations.lockProducts(tx, others);
    for (const orderId of others) if (!(await this.sellOther(tx, orderId))) gone.push(orderId);
    return gone;
  }

  /** False when the units are gone. */
  async sell(tx: Transaction, orderId: string): Promise<boolean> {
    return (await this.sellAll(tx, [orderId])).length === 0;
  }

  private async sellHeld(tx: Transaction, orderIds: readonly string[]): Promise<readonly string[]> {
    const { orderIds: sold, units } = await this.reservations.sellHeld(tx, orderIds);
    if (units > 0) tx.afterCommit(() => stockUnits.inc({ movement: 'sold' }, units));
    return sold;
  }

  /** Of an order that was not sold with the others. */
  private async sellOther(tx: Transaction, orderId: string): Promise<boolean> {
    const reservation = await this.reservations.find(tx, orderId);
    if (reservation?.state === 'held') return this.sellAlone(tx, orderId, reservation.lines);
    if (reservation?.state === 'released') return this.takeAgain(tx, orderId, reservation.lines);
    return reservation?.state === 'committed';
  }

  /**
   * Of an order that held nothing when the others were sold, or whose variants were held for fewer units than all of them needed. Where even
   * this one needs more than is held, somebody has changed the stock by hand: it takes what is free instead, or is told that it is gone.
   */
  private async sellAlone(tx: Transaction, orderId: string, lines: readonly OrderLine[]): Promise<boolean> {
    if ((await this.sellHeld(tx, [orderId])).length > 0) return true;
    const locked = await this.stocks.lock(tx, idsOf(lines));
    expectAll(lines, await this.stocks.giveBackRest(tx, lines));
    const givenBack = (row: StockRow): number => Math.min(quantityOf(lines, row), row.reserved);
    await this.changes.stockMovedUntold(tx, locked, givenBack);
    await this.reservations.move(tx, orderId, 'held', 'released');
    const isTaken = await this.takeAgain(tx, orderId, lines);
    if (!isTaken) this.changes.tellRises(tx, locked, givenBack);
    return isTaken;
  }

  private async takeAgain(tx: Transaction, orderId: string, lines: readonly OrderLine[]): Promise<boolean> {
    if (lines.length === 0) return false;
    const locked = await this.stocks.lock(tx, idsOf(lines));
    const shortages = shortagesOf(lines, locked);
    if (shortages.length > 0) {
      await this.reservations.refuse(tx, orderId, shortages);
      return false;
    }
    expectAll(lines, await this.stocks.sellFree(tx, lines, orderId));
    await this.reservations.move(tx, orderId, 'released', 'committed');
    await this.changes.stockMoved(tx, locked, (row) => -quantityOf(lines, row));
    countUnits(tx, 'sold', lines);
    return true;
  }
}
