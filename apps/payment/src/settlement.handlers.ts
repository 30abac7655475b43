import { Injectable } from '@nestjs/common';
import { invalid } from '#libs/contracts/errors';
import type { SettlementDay } from '#libs/contracts/payment/api';
import type { SettlementReport } from '#libs/contracts/payment/views';
import { startOf } from './settlement.ts';
import { SettlementReporter } from './settlement-reporter.ts';

/** Razorpay has no settlements before. */
const FIRST_DAY = '2014-01-01';

@Injectable()
export class SettlementHandlers {
  constructor(private readonly reporter: SettlementReporter) {}

  async settlement({ date }: SettlementDay): Promise<SettlementReport> {
    if (startOf(date) === undefined || date < FIRST_DAY) throw invalid([{ path: 'date', message: `must be a day from ${FIRST_DAY}` }]);
    return this.reporter.report(date);
  }
}
