import { Injectable } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger } from '#libs/runtime/core.module';
import { Rounds } from '#libs/runtime/rounds';
import { settlementDifference } from './payment.metrics.ts';
import { SettlementRepository } from './settlement.repository.ts';
import { dayAfter, dayOf } from './settlement.ts';
import { SettlementReporter } from './settlement-reporter.ts';

/** After midnight, for what is still on its way to either side. */
export const SETTLING_MS = 60 * 60_000;
const CHECK_MS = 10 * 60_000;
const MAX_ROWS_LOGGED = 100;

/** Compares the books of each day once it is over, on one replica, and names every row that differs. */
@Injectable()
export class SettlementCheck {
  constructor(
    private readonly settlements: SettlementRepository,
    private readonly reporter: SettlementReporter,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    rounds.every('payment.check_settlement', CHECK_MS, () => this.checkYesterday());
  }

  /** One round; a day that Razorpay was silent about is taken up again. */
  async checkYesterday(now: number = Date.now()): Promise<void> {
    const date = dayAfter(dayOf(now - SETTLING_MS), -1);
    if (await this.settlements.claimDay(date)) {
      const { difference, rows, compared } = await this.reporter.report(date);
      for (const row of rows.slice(0, MAX_ROWS_LOGGED)) this.logger.error({ date, ...row }, 'settlement.row_differs');
      const fields = { date, difference, rows: rows.length, compared };
      if (rows.length > 0) this.logger.error(fields, 'settlement.differs');
      else this.logger.info(fields, 'settlement.agrees');
      await this.settlements.noteChecked(date, difference);
    }
    const last = await this.settlements.lastDifference();
    if (last !== undefined) settlementDifference.set(last);
  }
}
