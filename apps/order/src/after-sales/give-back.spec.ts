import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allLeft, type GivableLine, left, shareOf, withinRoom } from './give-back.ts';

const line = fc.record({
  quantity: fc.integer({ min: 1, max: 1_000 }),
  total: fc.integer({ min: 0, max: 100_000_000 }),
});
const order = fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) =>
  lines.map(
    (one, index): GivableLine => ({
      ...one,
      id: `line-${index}`,
      variant_id: `variant-${index}`,
      cancelled_quantity: 0,
      returned_quantity: 0,
    }),
  ),
);
const after = (lines: readonly GivableLine[], itemId: string, quantity: number, isReturn: boolean): GivableLine[] =>
  lines.map((one) =>
    one.id !== itemId
      ? one
      : isReturn
        ? { ...one, returned_quantity: one.returned_quantity + quantity }
        : { ...one, cancelled_quantity: one.cancelled_quantity + quantity },
  );

describe('what units are worth', () => {
  it('adds up to exactly the lines and the fees, in whatever portions all of it goes back', () => {
    fc.assert(
      fc.property(order, fc.integer({ min: 0, max: 20_000 }), fc.infiniteStream(fc.nat()), (lines, fees, choices) => {
        const sum = { amount: 0, fees: 0, portions: 0 };
        let now: GivableLine[] = lines;
        for (let open = allLeft(now); open.length > 0; open = allLeft(now)) {
          const next = (): number => choices.next().value ?? 0;
          const { itemId, quantity: most } = open[next() % open.length] ?? { itemId: '', quantity: 1 };
          const quantity = sum.portions > 40 ? most : 1 + (next() % most);
          const share = shareOf(now, [{ itemId, quantity }], fees);
          if (share === undefined) throw new Error('what is left can be given back');
          const [given] = share.lines;
          expect(share.amount).toBe((given?.amount ?? 0) + share.fees);
          // floor(total × k ÷ n) in all, less what went before.
          const one = now.find(({ id }) => id === itemId) as GivableLine;
          const before = one.quantity - left(one);
          expect(given?.amount).toBe(
            Math.floor((one.total * (before + quantity)) / one.quantity) - Math.floor((one.total * before) / one.quantity),
          );
          sum.amount += share.amount;
          sum.fees += share.fees;
          sum.portions += 1;
          now = after(now, itemId, quantity, next() % 2 === 0);
          expect(share.fees > 0 && allLeft(now).length > 0).toBe(false);
        }
        expect(sum.fees).toBe(fees);
        expect(sum.amount).toBe(lines.reduce((all, { total }) => all + total, fees));
      }),
      { numRuns: 500 },
    );
  });

  it('is nothing where more is asked for than is left, or something of another order', () => {
    fc.assert(
      fc.property(order, fc.nat({ max: 5 }), (lines, pick) => {
        const one = lines[pick % lines.length] as GivableLine;
        expect(shareOf(lines, [{ itemId: one.id, quantity: one.quantity + 1 }], 0)).toBeUndefined();
        expect(shareOf(lines, [...allLeft(lines), { itemId: one.id, quantity: 1 }], 0)).toBeUndefined();
        expect(shareOf(lines, [{ itemId: 'elsewhere', quantity: 1 }], 0)).toBeUndefined();
      }),
    );
  });
});

describe('what is credited', () => {
  it('fits into what of the invoice is left, and its parts still add up', () => {
    fc.assert(
      fc.property(order, fc.integer({ min: 0, max: 20_000 }), fc.nat({ max: 700_000_000 }), (lines, fees, room) => {
        const share = shareOf(lines, allLeft(lines), fees);
        if (share === undefined) throw new Error('all that is left can be given back');
        const fitted = withinRoom(share, room);
        expect(fitted.amount).toBe(Math.min(share.amount, room));
        expect(fitted.lines.reduce((sum, { amount }) => sum + amount, fitted.fees)).toBe(fitted.amount);
        expect([fitted.fees, ...fitted.lines.map(({ amount }) => amount)].every((paise) => paise >= 0)).toBe(true);
      }),
    );
  });
});
