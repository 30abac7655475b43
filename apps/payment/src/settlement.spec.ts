import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayAfter, dayOf, differenceOf, differences, type Entry, startOf } from './settlement.ts';

describe('a day of settlement', () => {
  it('begins at midnight in India', () => {
    expect(startOf('2026-11-24')).toBe(Date.parse('2026-11-23T18:30:00Z'));
    expect(dayOf(Date.parse('2026-11-23T18:29:59.999Z'))).toBe('2026-11-23');
    expect(dayOf(Date.parse('2026-11-23T18:30:00Z'))).toBe('2026-11-24');
    expect(dayAfter('2026-02-28', 1)).toBe('2026-03-01');
    expect(dayAfter('2027-01-01', -1)).toBe('2026-12-31');
  });

  it.each(['2026-02-30', '2026-13-01', '2026-00-10', '2025-02-29'])('is not %s, which no calendar has', (date) => {
    expect(startOf(date)).toBeUndefined();
  });
});

describe('differences', () => {
  const entry = (id: string, amount: number, kind: Entry['kind'] = 'payment'): Entry => ({ kind, id, orderId: null, amount });
  const books = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 1_000_000 })), {
    selector: ([id]) => id,
  });

  it('are none between equal books', () => {
    fc.assert(
      fc.property(books, (rows) => {
        const entries = rows.map(([id, amount]) => entry(`pay_${id}`, amount));
        expect(differences(entries, [...entries].reverse(), [])).toEqual([]);
      }),
    );
  });

  it('come to the sum of all that is missing or differs, whichever side it is on', () => {
    fc.assert(
      fc.property(books, books, (ours, theirs) => {
        const [own, others] = [new Map(ours), new Map(theirs)];
        const entriesOf = (rows: [number, number][]) => rows.map(([id, amount]) => entry(`pay_${id}`, amount));
        const missed = ours.filter(([id]) => !others.has(id));
        const rows = differences(entriesOf(theirs), entriesOf(ours), entriesOf(missed));
        const ids = new Set([...own.keys(), ...others.keys()]);
        const expected = [...ids].reduce((sum, id) => sum + Math.abs((own.get(id) ?? 0) - (others.get(id) ?? 0)), 0);
        expect(differenceOf(rows)).toBe(expected);
        expect(rows).toHaveLength([...ids].filter((id) => own.get(id) !== others.get(id)).length);
      }),
    );
  });

  it('are named with both amounts', () => {
    expect(differences([entry('rfnd_1', 100, 'refund'), entry('pay_1', 200)], [entry('pay_1', 150)], [entry('pay_2', 5)])).toEqual([
      { kind: 'refund', razorpayId: 'rfnd_1', orderId: null, ours: null, razorpay: 100, problem: 'missing in our books' },
      { kind: 'payment', razorpayId: 'pay_1', orderId: null, ours: 150, razorpay: 200, problem: 'another amount' },
      { kind: 'payment', razorpayId: 'pay_2', orderId: null, ours: 5, razorpay: null, problem: "missing in Razorpay's settlement" },
    ]);
  });
});
