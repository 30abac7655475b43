import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OrderLine } from '#libs/contracts/product/messages';
import { onceEach } from '#libs/persistence/inbox';
import { sql } from '#libs/persistence/sql';
import { HOLD_GRACE_SECONDS } from '#libs/pricing/holds';
import { eventually, patiently } from '#libs/testing/builders';
import { ProductReactions } from '../src/product.reactions.ts';
import { Sales } from '../src/sales.ts';
import { ProductFixture, type Replica } from './product-fixture.ts';

/** Orders are confirmed before their stock is sold here: what they hold is theirs until then. */

let fixture: ProductFixture;
let other: Replica;
beforeAll(async () => {
  fixture = await ProductFixture.start();
  other = await fixture.another();
  for (const { database } of [fixture.replica, other])
    database.onPublished = (published) => {
      for (const { settle } of published) settle(false);
    };
});
beforeEach(async () => {
  await fixture.replica.database.execute(sql`DELETE FROM outbox`);
});
afterAll(() => fixture?.stop());

const reserve = (orderId: string, lines: OrderLine[], replica = fixture.replica) =>
  replica.reservations.reserve({ orderId, lines, ttlSeconds: 900 });

/** As the order service's outbox delivers them. */
const confirmedTogether = (events: readonly { id: string; orderId: string }[], replica = fixture.replica): Promise<void> =>
  onceEach(replica.database, events, (transaction, fresh) =>
    replica.app.get(ProductReactions).onOrderConfirmed(
      fresh.map(({ orderId }) => ({ orderId, userId: uuidv7(), cartVersion: null, lines: [] })),
      { transaction },
    ),
  );
const confirmed = (orderId: string, { eventId = uuidv7(), replica = fixture.replica } = {}): Promise<void> =>
  confirmedTogether([{ id: eventId, orderId }], replica);

const failures = async (): Promise<string[]> =>
  (await fixture.replica.database.rows<{ payload: string }>(sql`SELECT payload FROM outbox WHERE event = 'product.saleFailed'`)).map(
    ({ payload }) => (JSON.parse(payload) as { orderId: string }).orderId,
  );

const lapse = (orderId: string, seconds = HOLD_GRACE_SECONDS + 1): Promise<number> =>
  fixture.replica.database.execute(
    sql`UPDATE reservations SET expires_at = now() - make_interval(secs => ${seconds}::int) WHERE order_id = ${orderId}`,
  );

async function variantsWith(...units: number[]): Promise<string[]> {
  const { variants } = await fixture.product(units.map((onHand) => ({ onHand })));
  return variants.map(({ id }) => id);
}

describe('a confirmed order', () => {
  it('sells what it holds once, however often and wherever its event arrives', async () => {
    const [first, second] = (await variantsWith(5, 5)) as [string, string];
    const [orderId, eventId] = [uuidv7(), uuidv7()];
    await reserve(orderId, [
      { variantId: second, quantity: 1 },
      { variantId: first, quantity: 2 },
    ]);
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        confirmed(orderId, { replica: index % 2 === 0 ? fixture.replica : other, ...(index < 5 ? { eventId } : {}) }),
      ),
    );
    expect(await fixture.stockOf(first)).toEqual({ onHand: 3, reserved: 0 });
    expect(await fixture.stockOf(second)).toEqual({ onHand: 4, reserved: 0 });
    const book = await fixture.replica.database.rows(
      sql`SELECT change, on_hand FROM stock_movements WHERE caused_by = ${orderId} ORDER BY change`,
    );
    expect(book).toEqual([
      { change: -2, on_hand: 3 },
      { change: -1, on_hand: 4 },
    ]);
    expect(await failures()).toEqual([]);
  });

  it('gets its units, and nobody else does, when 200 buyers want the last ones while orders are confirmed', async () => {
    const [variantId] = (await variantsWith(20)) as [string];
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const [orderId, replica] = [uuidv7(), index % 2 === 0 ? fixture.replica : other];
        const { held } = await patiently(() => reserve(orderId, [{ variantId, quantity: 1 }], replica));
        if (held) await patiently(() => confirmed(orderId, { replica }));
        return held;
      }),
    );
    expect(answers.filter(Boolean)).toHaveLength(20);
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 0, reserved: 0 });
    expect(await failures()).toEqual([]);
  });

  it('never waits in a circle with others that name the same two variants in the opposite order', async () => {
    const ids = await variantsWith(100, 100);
    const lines = ids.map((variantId) => ({ variantId, quantity: 1 }));
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const [orderId, replica] = [uuidv7(), index % 2 === 0 ? fixture.replica : other];
        await patiently(() => reserve(orderId, index % 4 < 2 ? lines : lines.toReversed(), replica));
        await Promise.all([replica, other].map((at) => patiently(() => confirmed(orderId, { replica: at }))));
      }),
    );
    for (const id of ids) expect(await fixture.stockOf(id)).toEqual({ onHand: 60, reserved: 0 });
    expect(await fixture.replica.database.row(sql`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`)).toEqual({
      deadlocks: 0,
    });
  });

  it('is sold with others in one message, whatever became of some of them, and the stock book adds up', async () => {
    const [first, second] = (await variantsWith(10, 10)) as [string, string];
    const orders = Array.from({ length: 6 }, () => uuidv7());
    const [, released, sold, gone] = orders as [string, string, string, string];
    for (const [index, orderId] of orders.entries())
      if (orderId !== gone)
        await reserve(orderId, [
          { variantId: first, quantity: 1 },
          { variantId: second, quantity: (index % 2) + 1 },
        ]);
    await fixture.replica.reservations.release({ orderId: released });
    await confirmed(sold);
    const events = orders.map((orderId) => ({ id: uuidv7(), orderId }));
    await Promise.all([confirmedTogether(events), confirmedTogether(events.toReversed(), other), confirmedTogether(events.slice(2))]);
    expect(await fixture.stockOf(first)).toEqual({ onHand: 5, reserved: 0 });
    expect(await failures()).toEqual([gone]);
    for (const variantId of [first, second]) {
      const book = await fixture.replica.database.rows<{ change: number; on_hand: number }>(
        sql`SELECT change, on_hand FROM stock_movements WHERE variant_id = ${variantId} AND kind = 'sale' ORDER BY on_hand DESC`,
      );
      let left = 10;
      for (const { change, on_hand: onHand } of book) {
        left += change;
        expect(onHand).toBe(left);
      }
      expect(left).toBe((await fixture.stockOf(variantId)).onHand);
    }
  });

  it('whose units were given back takes them again while they are there, and is told once when they are not', async () => {
    const [variantId] = (await variantsWith(2)) as [string];
    const [lucky, late] = [uuidv7(), uuidv7()];
    for (const orderId of [lucky, late]) {
      await reserve(orderId, [{ variantId, quantity: 2 }]);
      await fixture.replica.reservations.release({ orderId });
    }
    await confirmed(lucky);
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 0, reserved: 0 });
    const eventId = uuidv7();
    await Promise.all([confirmed(late, { eventId }), confirmed(late, { eventId, replica: other })]);
    expect(await failures()).toEqual([late]);
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 0, reserved: 0 });
  });

  it('that never held anything is told that it cannot be sold', async () => {
    const orderId = uuidv7();
    await confirmed(orderId);
    expect(await failures()).toEqual([orderId]);
  });
});

describe('stock that somebody has changed by hand', () => {
  const setByHand = (variantId: string, onHand: number, reserved: number): Promise<number> =>
    fixture.replica.database.execute(sql`UPDATE stock SET on_hand = ${onHand}, reserved = ${reserved} WHERE variant_id = ${variantId}`);

  it('fails the sale of the orders that it no longer covers, alone and among others, and sells the rest', async () => {
    const [short, plenty] = (await variantsWith(4, 10)) as [string, string];
    const [first, second, other, alone] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
    for (const orderId of [first, second])
      await reserve(orderId, [
        { variantId: short, quantity: 2 },
        { variantId: plenty, quantity: 1 },
      ]);
    for (const orderId of [other, alone]) await reserve(orderId, [{ variantId: plenty, quantity: 1 }]);
    // Three units are lost, of four that are held.
    await setByHand(short, 1, 1);
    await confirmedTogether([first, second, other].map((orderId) => ({ id: uuidv7(), orderId })));
    expect((await failures()).toSorted()).toEqual([first, second].toSorted());
    // What the two held of the other variant is free again.
    expect(await fixture.stockOf(plenty)).toEqual({ onHand: 9, reserved: 1 });
    expect(await fixture.stockOf(short)).toEqual({ onHand: 1, reserved: 0 });
    await setByHand(plenty, 0, 0);
    await confirmed(alone);
    expect((await failures()).toSorted()).toEqual([first, second, alone].toSorted());
    expect(await fixture.stockOf(plenty)).toEqual({ onHand: 0, reserved: 0 });
    // It is final.
    expect(await fixture.replica.reservations.commit({ orderId: alone })).toEqual({ committed: false });
  });

  it('covers as many orders as it can', async () => {
    const [variantId] = (await variantsWith(5)) as [string];
    const orders = Array.from({ length: 5 }, () => uuidv7());
    for (const orderId of orders) await reserve(orderId, [{ variantId, quantity: 1 }]);
    await setByHand(variantId, 3, 3);
    await confirmedTogether(orders.map((orderId) => ({ id: uuidv7(), orderId })));
    expect(await failures()).toHaveLength(2);
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 0, reserved: 0 });
    const book = await fixture.replica.database.rows(
      sql`SELECT on_hand FROM stock_movements WHERE variant_id = ${variantId} AND kind = 'sale' ORDER BY on_hand`,
    );
    expect(book).toEqual([0, 1, 2].map((on_hand) => ({ on_hand })));
  });

  it('sells from the shelf what it no longer holds for an order', async () => {
    const [variantId] = (await variantsWith(5)) as [string];
    const orderId = uuidv7();
    await reserve(orderId, [{ variantId, quantity: 2 }]);
    await setByHand(variantId, 5, 0);
    await confirmed(orderId);
    expect([await failures(), await fixture.stockOf(variantId)]).toEqual([[], { onHand: 3, reserved: 0 }]);
  });
});

describe('two batches of sales', () => {
  it('that hold and take again the same variants the other way round wait for each other in no circle', async () => {
    const [first, second] = (await variantsWith(10, 10)) as [string, string];
    // One batch holds of the first variant and takes the second again, the other one the other way round.
    const [held, lapsed] = [[uuidv7(), uuidv7()] as const, [uuidv7(), uuidv7()] as const];
    for (const [index, variantId] of [first, second].entries()) {
      await reserve(held[index] as string, [{ variantId, quantity: 1 }]);
      await reserve(lapsed[index] as string, [{ variantId, quantity: 1 }]);
      await fixture.replica.reservations.release({ orderId: lapsed[index] as string });
    }
    let tries = 0;
    const selling = (replica: Replica, orderIds: readonly string[]): Promise<string[]> =>
      replica.database.transaction((tx) => {
        tries += 1;
        return replica.app.get(Sales).sellAll(tx, orderIds);
      });
    const { database } = fixture.replica;
    const waiting = async (): Promise<boolean> => {
      const row = await database.row<{ n: number }>(
        sql`SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return row?.n === 2;
    };
    // Both have locked what they lock at first when they meet the lapsed orders, which a third one holds.
    const batches = await database.transaction(async (tx) => {
      await tx.execute(sql`SELECT 1 FROM reservations WHERE order_id = ANY(${[...lapsed]}::uuid[]) ORDER BY order_id FOR NO KEY UPDATE`);
      const both = [selling(fixture.replica, [held[0], lapsed[1]]), selling(other, [held[1], lapsed[0]])];
      await eventually(waiting);
      return both;
    });
    expect(await Promise.all(batches)).toEqual([[], []]);
    for (const id of [first, second]) expect(await fixture.stockOf(id)).toEqual({ onHand: 8, reserved: 0 });
    // A deadlock is tried again without a word.
    expect(tries).toBe(2);
    expect(await database.row(sql`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`)).toEqual({ deadlocks: 0 });
  });
});

describe('the sweep', () => {
  it('lets no hold go that its order still needs, however late its sale is heard of', async () => {
    const [variantId] = (await variantsWith(3)) as [string];
    const [needing, ended] = [uuidv7(), uuidv7()];
    for (const orderId of [needing, ended]) {
      await reserve(orderId, [{ variantId, quantity: 1 }]);
      await lapse(orderId);
    }
    fixture.needing.add(needing);
    await fixture.replica.reservations.sweep();
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 3, reserved: 1 });
    await confirmed(needing);
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 2, reserved: 0 });
    expect(await failures()).toEqual([]);
  });

  it('asks about a hold that is still needed again after another time of grace', async () => {
    const [variantId] = (await variantsWith(3)) as [string];
    const orderId = uuidv7();
    await reserve(orderId, [{ variantId, quantity: 1 }]);
    await lapse(orderId);
    fixture.needing.add(orderId);
    await fixture.replica.reservations.sweep();
    fixture.needing.delete(orderId);
    await fixture.replica.reservations.sweep();
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 3, reserved: 1 });
    await lapse(orderId);
    await fixture.replica.reservations.sweep();
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 3, reserved: 0 });
  });

  it('and a sale that meet leave the units sold once or free, and never both', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [variantId] = (await variantsWith(1)) as [string];
      const [orderId, next] = [uuidv7(), uuidv7()];
      await reserve(orderId, [{ variantId, quantity: 1 }]);
      await lapse(orderId);
      const [, , { held }] = await Promise.all([
        other.reservations.sweep(),
        confirmed(orderId),
        reserve(next, [{ variantId, quantity: 1 }], other),
      ]);
      const isSold = !(await failures()).includes(orderId);
      expect(isSold && held).toBe(false);
      expect(await fixture.stockOf(variantId)).toEqual(isSold ? { onHand: 0, reserved: 0 } : { onHand: 1, reserved: 1 });
    }
  });
});
