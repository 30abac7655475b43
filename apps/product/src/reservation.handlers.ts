import { Injectable } from '@nestjs/common';
import type { ByOrder } from '#libs/contracts/page';
import type { Committed, OrderLine, Reserve, Reserved, Shortage } from '#libs/contracts/product/messages';
import { availabilityOf } from '#libs/contracts/product/views';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { addedUp } from '#libs/pricing/order-lines';
import { InjectLogger } from '#libs/runtime/core.module';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { CatalogueChanges } from './catalogue-changes.ts';
import { refusedReservations, stockUnits } from './product.metrics.ts';
import { ReservationRepository } from './reservation.repository.ts';
import { countUnits, expectAll, idsOf, quantityOf, unitsOf } from './reservation-lines.ts';
import { StockRepository, type StockRow } from './stock.repository.ts';

const ROUND_MS = 15_000;
const BATCH = 100;

/** Stock for orders. Each operation is idempotent by order id, and so is any order of arrival: the reservation's state decides. */
@Injectable()
export class ReservationHandlers {
  private readonly sweeping: Round;
  private readonly counting: Round;

  constructor(
    private readonly database: Database,
    private readonly reservations: ReservationRepository,
    private readonly stocks: StockRepository,
    private readonly changes: CatalogueChanges,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    this.sweeping = rounds.every('product.overdue_reservations', ROUND_MS, () => this.sweep());
    this.counting = rounds.every('product.popularity', ROUND_MS, () => this.countSales());
  }

  /** A refusal is kept like a success: a repeat gets the first answer, whatever came back to the shelf meanwhile. */
  async reserve({ orderId, lines: asked, ttlSeconds }: Reserve): Promise<Reserved> {
    const lines = addedUp(asked);
    const held = await this.reservations.holdAtOnce(orderId, lines, ttlSeconds);
    if (held === undefined) return this.holdOrRefuse(orderId, lines, ttlSeconds);
    stockUnits.inc({ movement: 'reserved' }, unitsOf(lines));
    const moved = held.filter(({ quantity, available }) => availabilityOf(available + quantity) !== availabilityOf(available));
    if (moved.length > 0) await this.changes.announce([...new Set(moved.map(({ productId }) => productId))]);
    return { held: true, shortages: [] };
  }

  private holdOrRefuse(orderId: string, lines: readonly OrderLine[], ttlSeconds: number): Promise<Reserved> {
    return this.database.transaction(async (tx) => {
      if (!(await this.reservations.open(tx, orderId, 'held', ttlSeconds))) {
        const known = await this.reservations.find(tx, orderId);
        const held = known?.state === 'held' || known?.state === 'committed';
        return { held, shortages: held ? [] : (known?.shortages ?? []) };
      }
      const locked = await this.stocks.lock(tx, idsOf(lines));
      const shortages = shortagesOf(lines, locked);
      if (shortages.length > 0) {
        await this.reservations.refuse(tx, orderId, shortages);
        tx.afterCommit(() => refusedReservations.inc());
        return { held: false, shortages };
      }
      this.reservations.addLines(tx, orderId, lines);
      expectAll(lines, await this.stocks.hold(tx, lines));
      await this.changes.stockMoved(tx, locked, (row) => -quantityOf(lines, row));
      countUnits(tx, 'reserved', lines);
      return { held: true, shortages: [] };
    });
  }

  async commit({ orderId }: ByOrder): Promise<Committed> {
    const committed = await this.database.transaction(async (tx) => {
      const reservation = await this.reservations.find(tx, orderId);
      if (reservation?.state === 'held') return this.sellHeld(tx, orderId, reservation.lines);
      if (reservation?.state === 'released') return this.takeAgain(tx, orderId, reservation.lines);
      return reservation?.state === 'committed';
    });
    return { committed };
  }

  /** What is sold stays sold. */
  async release({ orderId }: ByOrder): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (await this.reservations.open(tx, orderId, 'released', null)) return;
      if (!(await this.reservations.move(tx, orderId, 'held', 'released'))) return;
      const lines = await this.reservations.lines(tx, orderId);
      const locked = await this.stocks.lock(tx, idsOf(lines));
      expectAll(lines, await this.stocks.giveBack(tx, lines));
      await this.changes.stockMoved(tx, locked, (row) => quantityOf(lines, row));
      countUnits(tx, 'released', lines);
    });
  }

  /** The net under the orders, which let go of their stock themselves. Any number of replicas may run it. */
  async sweep(): Promise<void> {
    const overdue = await this.reservations.overdue(BATCH);
    for (const orderId of overdue) {
      await this.release({ orderId });
      this.logger.warn({ orderId }, 'reservations.overdue_released');
    }
    if (overdue.length === BATCH) this.sweeping.wake();
  }

  async countSales(): Promise<void> {
    if ((await this.reservations.countSales(BATCH)) === BATCH) this.counting.wake();
  }

  private async sellHeld(tx: Transaction, orderId: string, lines: readonly OrderLine[]): Promise<true> {
    const [, sold] = await Promise.all([
      this.stocks.lock(tx, idsOf(lines)),
      this.stocks.sellHeld(tx, lines, orderId),
      this.reservations.move(tx, orderId, 'held', 'committed'),
    ]);
    expectAll(lines, sold);
    countUnits(tx, 'sold', lines);
    return true;
  }

  /** The money came after the stock was given back. A refusal is final, because the money then goes back. */
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

/** Of an unknown or withdrawn variant nothing is available. */
function shortagesOf(lines: readonly OrderLine[], locked: readonly StockRow[]): Shortage[] {
  const rows = new Map(locked.map((row) => [row.variantId, row]));
  return lines.flatMap(({ variantId, quantity }) => {
    const row = rows.get(variantId);
    const available = row?.forSale === true ? row.onHand - row.reserved : 0;
    return available < quantity ? [{ variantId, available }] : [];
  });
}
