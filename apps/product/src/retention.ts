import { Injectable } from '@nestjs/common';
import { Rounds } from '#libs/runtime/rounds';
import { ReservationRepository } from './reservation.repository.ts';
import { StockRepository } from './stock.repository.ts';

const EVERY_MS = 10 * 60_000;

/** Removes rows whose time is over, of which a column alone does not tell. */
@Injectable()
export class Retention {
  constructor(
    private readonly reservations: ReservationRepository,
    private readonly stocks: StockRepository,
    rounds: Rounds,
  ) {
    rounds.every('product.retention', EVERY_MS, () => this.sweep());
  }

  async sweep(): Promise<void> {
    await this.reservations.forgetOld();
    await this.stocks.forgetOldMovements();
  }
}
