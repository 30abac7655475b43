import { Injectable } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import type { SettlementReport } from '#libs/contracts/payment/views';
import { RazorpayClient, RECON_PAGE } from './razorpay-client.ts';
import { isRazorpayError, RazorpayUnauthorised, RazorpayUnknown, unavailableFor } from './razorpay-errors.ts';
import { SettlementRepository } from './settlement.repository.ts';
import { dayAfter, dayOf, differenceOf, differences, type Entry, startOf } from './settlement.ts';

/**
 * Days, counted from the one asked for, on which Razorpay may have what we have on that one: we may hear of a capture after midnight, and
 * Razorpay settles up to three days later.
 */
const OTHER_DAYS = [1, -1, 2, 3];
/** For all questions together; the operation itself has 20 s. */
const BUDGET_MS = 15_000;

/** Our books of a day in India against Razorpay's settlement of it. */
@Injectable()
export class SettlementReporter {
  constructor(
    private readonly settlements: SettlementRepository,
    private readonly razorpay: RazorpayClient,
  ) {}

  /** Throws `unavailable` when Razorpay does not say all of it in time. */
  async report(date: string): Promise<SettlementReport> {
    const until = performance.now() + BUDGET_MS;
    try {
      return await this.compare(date, until);
    } catch (error) {
      // Staff asks, so the cause is named.
      if (error instanceof RazorpayUnauthorised)
        throw refuse('unavailable', 'Razorpay refuses our key; check RAZORPAY_KEY_ID and its secret');
      if (isRazorpayError(error)) throw unavailableFor(error);
      throw error;
    }
  }

  private async compare(date: string, until: number): Promise<SettlementReport> {
    const from = startOf(date) ?? Number.NaN;
    const theirs = await this.settledOn(date, until);
    const known: Entry[] = [];
    for (let at = 0; at < theirs.length; at += RECON_PAGE)
      known.push(...(await this.settlements.known(theirs.slice(at, at + RECON_PAGE).map(({ id }) => id))));
    let missed = without(await this.settlements.between(from, startOf(dayAfter(date, 1)) ?? Number.NaN), theirs);
    for (const days of OTHER_DAYS) {
      const day = dayAfter(date, days);
      if (missed.length === 0) break;
      if (day <= dayOf(Date.now())) missed = without(missed, await this.settledOn(day, until));
    }
    const rows = differences(theirs, known, missed);
    return {
      date,
      captured: sumOf(theirs, 'payment'),
      refunded: sumOf(theirs, 'refund'),
      difference: differenceOf(rows),
      rows,
      compared: theirs.length + missed.length,
    };
  }

  private async settledOn(date: string, until: number): Promise<Entry[]> {
    const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
    const found = new Map<string, Entry>();
    for (let page = 0; ; page += 1) {
      if (performance.now() > until) throw new RazorpayUnknown('Razorpay is too slow for a whole settlement');
      const items = await this.razorpay.settledOn({ year, month, day }, page);
      for (const { kind, id, amount } of items) if (kind !== 'other') found.set(id, { kind, id, orderId: null, amount });
      if (items.length < RECON_PAGE) return [...found.values()];
    }
  }
}

const sumOf = (entries: readonly Entry[], kind: Entry['kind']): number =>
  entries.reduce((sum, entry) => (entry.kind === kind ? sum + entry.amount : sum), 0);

function without(entries: readonly Entry[], others: readonly Entry[]): Entry[] {
  const ids = new Set(others.map(({ id }) => id));
  return entries.filter(({ id }) => !ids.has(id));
}
