import type { SettlementRow } from '#libs/contracts/payment/views';

/** A payment or refund as it stands in our books. `amount` in paise. */
export interface Entry {
  readonly kind: 'payment' | 'refund';
  readonly id: string;
  readonly orderId: string | null;
  readonly amount: number;
}

const INDIA_OFFSET_MS = (5 * 60 + 30) * 60_000;
const DAY_MS = 86_400_000;

/** The day in India, as `2026-11-24`. */
export const dayOf = (time: number): string => new Date(time + INDIA_OFFSET_MS).toISOString().slice(0, 10);

/** Epoch milliseconds at which a day begins in India; undefined for a date that no calendar has. */
export function startOf(date: string): number | undefined {
  const midnight = Date.parse(`${date}T00:00:00.000Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) return undefined;
  return midnight - INDIA_OFFSET_MS;
}

/** The day that many days later, or before. */
export const dayAfter = (date: string, days: number): string => dayOf((startOf(date) ?? Number.NaN) + days * DAY_MS);

/**
 * Where the books differ, Razorpay's rows first. `known`: what we have of the rows that Razorpay names, from whatever day; `missed`: what we
 * have of this day and Razorpay names nowhere.
 */
export function differences(theirs: readonly Entry[], known: readonly Entry[], missed: readonly Entry[]): SettlementRow[] {
  const ours = new Map(known.map((entry) => [entry.id, entry]));
  const rows: SettlementRow[] = [];
  for (const { kind, id, amount } of theirs) {
    const own = ours.get(id);
    if (own?.amount === amount) continue;
    rows.push({
      kind,
      razorpayId: id,
      orderId: own?.orderId ?? null,
      ours: own?.amount ?? null,
      razorpay: amount,
      problem: own === undefined ? 'missing in our books' : 'another amount',
    });
  }
  for (const { kind, id, orderId, amount } of missed)
    rows.push({ kind, razorpayId: id, orderId, ours: amount, razorpay: null, problem: "missing in Razorpay's settlement" });
  return rows;
}

/** Paise: sum of |ours − Razorpay's|. */
export const differenceOf = (rows: readonly SettlementRow[]): number =>
  rows.reduce((sum, { ours, razorpay }) => sum + Math.abs((ours ?? 0) - (razorpay ?? 0)), 0);
