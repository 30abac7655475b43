import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OrderLine } from '#libs/contracts/product/messages';
import { Flight } from '#libs/persistence/flight';
import { sql } from '#libs/persistence/sql';
import { eventually, patiently } from '#libs/testing/builders';
import { ListingSummaryRepository } from '../src/listing-summary.repository.ts';
import { StockRepository } from '../src/stock.repository.ts';
import { adminCall, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const reserve = (orderId: string, lines: { variantId: string; quantity: number }[], replica = fixture.replica) =>
  replica.reservations.reserve({ orderId, lines, ttlSeconds: 900 });
/** As the order service does it: a busy database is a delay, and a repeat gets the first answer. */
const commit = (orderId: string) => fixture.replica.reservations.commit({ orderId });
const release = (orderId: string) => fixture.replica.reservations.release({ orderId });

/** Ids of a product's variants, each with so many units. */
async function variantsWith(...units: number[]): Promise<string[]> {
  const { variants } = await fixture.product(units.map((onHand) => ({ onHand })));
  return variants.map(({ id }) => id);
}

/** Sessions that wait for a lock of another. */
async function lockWaits(): Promise<number> {
  const { count } = (await fixture.replica.database.row<{ count: number }>(sql`
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)) as { count: number };
  return count;
}

describe('reserve', () => {
  it('gives the last unit to exactly one of 200 buyers on two replicas', async () => {
    const [variantId] = (await variantsWith(1)) as [string];
    const other = await fixture.another();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        patiently(() => reserve(uuidv7(), [{ variantId, quantity: 1 }], index % 2 === 0 ? fixture.replica : other)),
      ),
    );
    expect(answers.filter(({ held }) => held)).toHaveLength(1);
    expect(answers.filter(({ held }) => !held).every(({ shortages }) => shortages[0]?.available === 0)).toBe(true);
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 1, reserved: 1 });
  });

  it('holds all lines or none, and lists what there is of each short one', async () => {
    const [plenty, few, none] = (await variantsWith(10, 2, 0)) as [string, string, string];
    const answer = await reserve(uuidv7(), [
      { variantId: plenty, quantity: 3 },
      { variantId: few, quantity: 3 },
      { variantId: none, quantity: 1 },
    ]);
    expect(answer.held).toBe(false);
    expect(answer.shortages).toHaveLength(2);
    expect(answer.shortages).toEqual(
      expect.arrayContaining([
        { variantId: few, available: 2 },
        { variantId: none, available: 0 },
      ]),
    );
    expect(await fixture.stockOf(plenty)).toEqual({ onHand: 10, reserved: 0 });
  });

  it('takes what another order gives back while it waits for it, though it began when nothing was left', async () => {
    const [variantId] = (await variantsWith(3)) as [string];
    const { database, app } = fixture.replica;
    const lines = [{ variantId, quantity: 3 }];
    await reserve(uuidv7(), lines);
    let waiting: Promise<{ held: boolean }> | undefined;
    await database.transaction(async (tx) => {
      await app.get(StockRepository).lock(tx, [variantId]);
      waiting = reserve(uuidv7(), [{ variantId, quantity: 1 }]);
      await eventually(async () => (await lockWaits()) === 1);
      await app.get(StockRepository).giveBack(tx, lines);
    });
    expect(await waiting).toEqual({ held: true, shortages: [] });
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 3, reserved: 1 });
  });

  it('counts two lines of one variant by their sum', async () => {
    const [variantId] = (await variantsWith(3)) as [string];
    const line = { variantId, quantity: 2 };
    expect(await reserve(uuidv7(), [line, line])).toEqual({ held: false, shortages: [{ variantId, available: 3 }] });
  });

  it('is no error of Postgres, whose log names those only that somebody must look at, when the last units are asked for', async () => {
    const failed = vi.spyOn(Flight.prototype, 'handleError');
    const [variantId] = (await variantsWith(2)) as [string];
    const [orderId, other] = [uuidv7(), uuidv7()];
    for (let time = 0; time < 2; time += 1) expect((await reserve(orderId, [{ variantId, quantity: 2 }])).held).toBe(true);
    expect((await reserve(other, [{ variantId, quantity: 1 }])).held).toBe(false);
    expect(failed).not.toHaveBeenCalled();
    failed.mockRestore();
  });

  it('has nothing of unknown and withdrawn variants', async () => {
    const product = await fixture.product([{ onHand: 5 }, {}]);
    const variantId = product.variants[0]?.id as string;
    const unknown = uuidv7();
    await fixture.replica.admin.removeVariant({ id: product.id, variantId }, adminCall());
    const { held, shortages } = await reserve(uuidv7(), [
      { variantId, quantity: 1 },
      { variantId: unknown, quantity: 1 },
    ]);
    expect(held).toBe(false);
    expect(shortages.map(({ available }) => available)).toEqual([0, 0]);
  });

  it('holds once for one order, however often and at the same time it is asked', async () => {
    const [variantId] = (await variantsWith(10)) as [string];
    const orderId = uuidv7();
    const answers = await Promise.all(Array.from({ length: 10 }, () => reserve(orderId, [{ variantId, quantity: 2 }])));
    expect(answers.every(({ held }) => held)).toBe(true);
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 10, reserved: 2 });
  });

  it('refuses again what it refused once, though the stock came back', async () => {
    const [variantId] = (await variantsWith(1)) as [string];
    const [first, second] = [uuidv7(), uuidv7()];
    await reserve(first, [{ variantId, quantity: 1 }]);
    const refused = await reserve(second, [{ variantId, quantity: 1 }]);
    await release(first);
    expect(await reserve(second, [{ variantId, quantity: 1 }])).toEqual(refused);
    expect(await commit(second)).toEqual({ committed: false });
  });

  it('never waits in a circle when orders name the same variants in opposite orders', async () => {
    const ids = await variantsWith(100, 100, 100);
    const lines = ids.map((variantId) => ({ variantId, quantity: 1 }));
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => patiently(() => reserve(uuidv7(), index % 2 === 0 ? lines : lines.toReversed()))),
    );
    expect(answers.every(({ held }) => held)).toBe(true);
    for (const id of ids) expect(await fixture.stockOf(id)).toEqual({ onHand: 100, reserved: 40 });
    const locked = await fixture.replica.database.transaction((tx) => fixture.replica.app.get(StockRepository).lock(tx, ids.toReversed()));
    expect(locked.map(({ variantId }) => variantId)).toEqual(ids.toSorted());
  });
});

describe('a reserve that comes again', () => {
  it('does not wait in a circle with the release of its order', async () => {
    const [variantId] = (await variantsWith(9)) as [string];
    const { database, app } = fixture.replica;
    const orderId = uuidv7();
    const lines = [{ variantId, quantity: 2 }];
    await reserve(orderId, lines);
    const failed = vi.spyOn(Flight.prototype, 'handleError');
    const waiting: Promise<unknown>[] = [];
    const inQueue = (): Promise<boolean> => eventually(async () => (await lockWaits()) === waiting.length);
    await database.transaction(async (tx) => {
      await app.get(StockRepository).lock(tx, [variantId]);
      waiting.push(reserve(orderId, lines));
      await inQueue();
      waiting.push(release(orderId));
      await inQueue();
    });
    await Promise.all(waiting);
    expect(failed.mock.calls.map(([error]) => error.message)).toEqual([]);
    failed.mockRestore();
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 9, reserved: 0 });
  });
});

describe('a product', () => {
  it('is out of stock when two orders at once each take the last unit of another variant', async () => {
    const product = await fixture.product([{ onHand: 1 }, { onHand: 1 }]);
    const [one, two] = product.variants.map(({ id }) => ({ variantId: id, quantity: 1 })) as [OrderLine, OrderLine];
    const { database, app } = fixture.replica;
    let second: Promise<unknown> | undefined;
    await database.transaction(async (tx) => {
      await app.get(StockRepository).hold(tx, [one]);
      await app.get(ListingSummaryRepository).refresh(tx, [product.id]);
      // Sees the first variant as still there, and must look again once it is not.
      second = reserve(uuidv7(), [two]);
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
    await second;
    expect(await database.row(sql`SELECT in_stock FROM products WHERE id = ${product.id}`)).toEqual({ in_stock: false });
  });
});

describe('release', () => {
  it('gives back once, however often it is asked', async () => {
    const [variantId] = (await variantsWith(5)) as [string];
    const orderId = uuidv7();
    await reserve(orderId, [{ variantId, quantity: 3 }]);
    await Promise.all(Array.from({ length: 5 }, () => release(orderId)));
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 5, reserved: 0 });
  });

  it('forbids a reservation that comes after it', async () => {
    const [variantId] = (await variantsWith(5)) as [string];
    const orderId = uuidv7();
    await release(orderId);
    expect(await reserve(orderId, [{ variantId, quantity: 1 }])).toEqual({ held: false, shortages: [] });
    expect(await commit(orderId)).toEqual({ committed: false });
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 5, reserved: 0 });
  });

  it('leaves what is sold as it is', async () => {
    const [variantId] = (await variantsWith(5)) as [string];
    const orderId = uuidv7();
    await reserve(orderId, [{ variantId, quantity: 2 }]);
    await commit(orderId);
    await release(orderId);
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 3, reserved: 0 });
    expect(await commit(orderId)).toEqual({ committed: true });
  });
});

describe('commit', () => {
  it('sells what is held once, however often it is asked', async () => {
    const [variantId] = (await variantsWith(5)) as [string];
    const orderId = uuidv7();
    await reserve(orderId, [{ variantId, quantity: 2 }]);
    const answers = await Promise.all(Array.from({ length: 5 }, () => commit(orderId)));
    expect(answers.every(({ committed }) => committed)).toBe(true);
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 3, reserved: 0 });
    const moves = await fixture.replica.database.rows(
      sql`SELECT change, on_hand FROM stock_movements WHERE variant_id = ${variantId} AND kind = 'sale'`,
    );
    expect(moves).toEqual([{ change: -2, on_hand: 3 }]);
  });

  it('takes released stock again while it is there', async () => {
    const [variantId] = (await variantsWith(2)) as [string];
    const orderId = uuidv7();
    await reserve(orderId, [{ variantId, quantity: 2 }]);
    await release(orderId);
    expect(await commit(orderId)).toEqual({ committed: true });
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 0, reserved: 0 });
  });

  it('refuses for good when the released stock is gone', async () => {
    const [variantId] = (await variantsWith(2)) as [string];
    const [orderId, other] = [uuidv7(), uuidv7()];
    await reserve(orderId, [{ variantId, quantity: 2 }]);
    await release(orderId);
    await reserve(other, [{ variantId, quantity: 1 }]);
    expect(await commit(orderId)).toEqual({ committed: false });
    await release(other);
    expect(await commit(orderId)).toEqual({ committed: false });
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 2, reserved: 0 });
  });

  it('has nothing to sell for an unknown order', async () => {
    expect(await commit(uuidv7())).toEqual({ committed: false });
  });
});

describe('the sweep', () => {
  it('frees what is held ten minutes beyond its expiry, and nothing sooner', async () => {
    const [variantId] = (await variantsWith(4)) as [string];
    const [late, recent] = [uuidv7(), uuidv7()];
    await reserve(late, [{ variantId, quantity: 1 }]);
    await reserve(recent, [{ variantId, quantity: 2 }]);
    await fixture.replica.database.execute(sql`
      UPDATE reservations SET expires_at = now() - CASE WHEN order_id = ${late} THEN interval '10 minutes 1 second' ELSE interval '9 minutes' END
      WHERE order_id = ANY(${[late, recent]}::uuid[])`);
    await fixture.replica.reservations.sweep();
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 4, reserved: 2 });
    expect(await reserve(late, [{ variantId, quantity: 1 }])).toEqual({ held: false, shortages: [] });
  });

  it('counts a sale into the popularity once', async () => {
    const product = await fixture.product([{ onHand: 9 }]);
    const orderId = uuidv7();
    await reserve(orderId, [{ variantId: product.variants[0]?.id as string, quantity: 4 }]);
    await commit(orderId);
    await Promise.all([fixture.replica.reservations.countSales(), fixture.replica.reservations.countSales()]);
    await fixture.replica.reservations.countSales();
    const row = await fixture.replica.database.row(sql`SELECT units_sold FROM products WHERE id = ${product.id}`);
    expect(row).toEqual({ units_sold: 4 });
  });
});

describe('units', () => {
  it('are conserved, and never held that are not there, whatever comes in whatever order', async () => {
    const step = fc.record({
      action: fc.constantFrom('reserve', 'commit', 'release', 'setStock'),
      order: fc.integer({ min: 0, max: 4 }),
      variant: fc.integer({ min: 0, max: 1 }),
      units: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 }), async (rounds) => {
        const product = await fixture.product([{ onHand: 6 }, { onHand: 3 }]);
        const ids = product.variants.map(({ id }) => id);
        const orders = Array.from({ length: 5 }, () => uuidv7());
        for (const round of rounds) {
          // The steps of a round run at the same time.
          await Promise.all(
            round.map(async ({ action, order, variant, units }) => {
              const orderId = orders[order] as string;
              const both = ids.map((variantId, index) => ({ variantId, quantity: index === variant ? units : 1 }));
              if (action === 'reserve') await reserve(orderId, order % 2 === 0 ? both : both.toReversed());
              else if (action === 'commit') await commit(orderId);
              else if (action === 'release') await release(orderId);
              else {
                const change = { id: product.id, variantId: ids[variant] as string, delta: units - 3, reason: 'counted' };
                await fixture.replica.stock.setStock(change, adminCall()).catch((error: { code?: string }) => {
                  if (error.code !== 'product.below_reserved') throw error;
                });
              }
            }),
          );
        }
        for (const [index, variantId] of ids.entries()) {
          const { onHand, reserved } = await fixture.stockOf(variantId);
          expect(reserved).toBeGreaterThanOrEqual(0);
          expect(reserved).toBeLessThanOrEqual(onHand);
          const told = await ledgerOf(variantId);
          expect(reserved).toBe(told.held);
          expect(onHand).toBe((index === 0 ? 6 : 3) + told.corrected - told.sold);
        }
        const shown = await fixture.replica.database.row(sql`SELECT in_stock FROM products WHERE id = ${product.id}`);
        const stocks = await Promise.all(ids.map((id) => fixture.stockOf(id)));
        expect(shown).toEqual({ in_stock: stocks.some(({ onHand, reserved }) => onHand > reserved) });
      }),
      { numRuns: 25 },
    );
    // Everybody locks the reservation first, then stock by id, then products by id; who opens a reservation has locked its stock before.
    expect(await fixture.replica.database.row(sql`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`)).toEqual({
      deadlocks: 0,
    });
  });
});

/** What the orders and the log say of a variant, to be compared with its row. */
async function ledgerOf(variantId: string): Promise<{ held: number; sold: number; corrected: number }> {
  const row = await fixture.replica.database.row<{ held: number; sold: number; corrected: number }>(sql`
    SELECT
      (SELECT coalesce(sum(l.quantity), 0) FROM reservation_lines l JOIN reservations r USING (order_id) WHERE l.variant_id = ${variantId} AND r.state = 'held') AS held,
      (SELECT coalesce(sum(l.quantity), 0) FROM reservation_lines l JOIN reservations r USING (order_id) WHERE l.variant_id = ${variantId} AND r.state = 'committed') AS sold,
      (SELECT coalesce(sum(change), 0) FROM stock_movements WHERE variant_id = ${variantId} AND kind = 'correction') AS corrected`);
  return row as { held: number; sold: number; corrected: number };
}
