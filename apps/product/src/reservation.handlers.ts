import { Injectable } from '@nestjs/common';
import { orderApi } from '#libs/contracts/order/api';
import type { ByOrder } from '#libs/contracts/page';
import type { Committed, OrderLine, Reserve, Reserved } from '#libs/contracts/product/messages';
import { availabilityOf } from '#libs/contracts/product/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import { addedUp } from '#libs/pricing/order-lines';
import { InjectLogger } from '#libs/runtime/core.module';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { CatalogueChanges } from './catalogue-changes.ts';
import { refusedReservations, stockUnits } from './product.metrics.ts';
import { ReservationRepository } from './reservation.repository.ts';
import { countUnits, expectAll, idsOf, quantityOf, shortagesOf, unitsOf } from './reservation-lines.ts';
import { Sales } from './sales.ts';
import { StockRepository } from './stock.repository.ts';

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
    private readonly sales: Sales,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
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

  private async holdOrRefuse(orderId: string, lines: readonly OrderLine[], ttlSeconds: number): Promise<Reserved> {
    const answer = await this.database.transaction(async (tx): Promise<Reserved | undefined> => {
      const locked = await this.stocks.lock(tx, idsOf(lines));
      if (!(await this.reservations.open(tx, orderId, 'held', ttlSeconds))) return undefined;
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
    if (answer !== undefined) return answer;
    // Without a lock, for who sells locks the reservation before the stock.
    const known = await this.reservations.outcomeOf(orderId);
    const held = known?.state === 'held' || known?.state === 'committed';
    return { held, shortages: held ? [] : (known?.shortages ?? []) };
  }

  async commit({ orderId }: ByOrder): Promise<Committed> {
    const committed = await this.database.transaction((tx) => this.sales.sell(tx, orderId));
    return { committed };
  }

  /** What is sold stays sold. */
  async release({ orderId }: ByOrder): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (await this.reservations.open(tx, orderId, 'released', null)) return;
      const reservation = await this.reservations.find(tx, orderId);
      if (reservation?.state !== 'held') return;
      const { lines } = reservation;
      const locked = await this.stocks.lock(tx, idsOf(lines));
      expectAll(lines, await this.stocks.giveBack(tx, lines));
      await this.reservations.move(tx, orderId, 'held', 'released');
      await this.changes.stockMoved(tx, locked, (row) => quantityOf(lines, row));
      countUnits(tx, 'released', lines);
    });
  }

  /**
   * The net under the orders, which let go of their stock themselves. A confirmed order holds it until its sale has been heard of here, so
   * order is asked before a hold goes; what is still needed is asked about again after another time of grace. Any number of replicas may run it.
   */
  async sweep(): Promise<void> {
    const overdue = await this.reservations.overdue(BATCH);
    if (overdue.length === 0) return;
    const { orderIds: needing } = await this.order.needingStock({ orderIds: overdue });
    await this.reservations.hold(needing);
    for (const orderId of overdue.filter((id) => !needing.includes(id))) {
      await this.release({ orderId });
      this.logger.warn({ orderId }, 'reservations.overdue_released');
    }
    if (overdue.length === BATCH) this.sweeping.wake();
  }

  async countSales(): Promise<void> {
    if ((await this.reservations.countSales(BATCH)) === BATCH) this.counting.wake();
  }
}
