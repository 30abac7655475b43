import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { Rounds } from '#libs/runtime/rounds';
import { RefundRepository } from './refund.repository.ts';
import { RefundChangeRepository } from './refund-changes.repository.ts';

const BOOK_MS = 10 * 60_000;

/** Books lost disputes that no webhook has booked, such as those lost before this version ran. */
@Injectable()
export class DisputeBooking {
  constructor(
    private readonly database: Database,
    private readonly refunds: RefundRepository,
    private readonly changes: RefundChangeRepository,
    rounds: Rounds,
  ) {
    rounds.every('payment.book_disputes', BOOK_MS, () => this.bookLost());
  }

  async bookLost(): Promise<void> {
    for (const { id, paymentId } of await this.refunds.unbookedDisputes())
      await this.database.transaction((tx) => this.changes.bookLostDispute(tx, id, paymentId));
  }
}
