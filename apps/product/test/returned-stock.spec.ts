import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import fc from 'fast-check';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import type { OrderLine } from '#libs/contracts/product/messages';
import { BusClient } from '#libs/messaging/bus-client';
import { BusServer } from '#libs/messaging/bus-server';
import { Signals } from '#libs/messaging/signals';
import { sql } from '#libs/persistence/sql';
import { inTheEnd } from '#libs/testing/builders';
import { RedisServer } from '#libs/testing/redis-server';
import { startTestService, TEST_BUS_SECRET } from '#libs/testing/test-service';
import { ProductModule } from '../src/product.module.ts';
import { adminCall, ProductFixture } from './product-fixture.ts';

/** Two replicas that hear the order service, on a bus of this suite's own. */
let fixture: ProductFixture;
let redis: RedisServer;
let order: BusClient;
let signals: Signals;
const replicas: NestFastifyApplication[] = [];
const changed: string[][] = [];

beforeAll(async () => {
  [fixture, redis] = await Promise.all([ProductFixture.start(), RedisServer.start()]);
  for (let index = 0; index < 2; index += 1)
    replicas.push(await startTestService({ service: 'product', module: ProductModule, databaseUrl: fixture.url, redisUrl: redis.url }));
  const logger = pino({ level: 'silent' });
  order = new BusClient({ redisUrl: redis.url, secret: TEST_BUS_SECRET, service: 'order', logger });
  await order.connect();
  signals = new Signals(order, logger);
  signals.on(productApi.signals.changed, ({ productIds }) => changed.push([...productIds]));
  await signals.start();
});
afterAll(async () => {
  for (const app of replicas) {
    await app.close();
    await app.get(BusServer).close();
  }
  signals?.stop();
  await order?.close();
  await fixture?.stop();
  await redis?.kill();
});

const reserve = (orderId: string, lines: OrderLine[]) => fixture.replica.reservations.reserve({ orderId, lines, ttlSeconds: 900 });
const commit = (orderId: string) => fixture.replica.reservations.commit({ orderId });

/** As the order service's outbox delivers it, to any replica. */
const giveBack = (orderId: string, lines: readonly OrderLine[], eventId: string = uuidv7()): Promise<unknown> =>
  order.deliver(orderApi.events.stockReturned, 'product', JSON.stringify({ orderId, lines }), {
    id: eventId,
    version: 1,
    requestId: 'test-request',
  });

async function sold(lines: OrderLine[]): Promise<string> {
  const orderId = uuidv7();
  await reserve(orderId, lines);
  expect(await commit(orderId)).toEqual({ committed: true });
  return orderId;
}

const productRow = (id: string) =>
  fixture.replica.database.row<{ in_stock: boolean; units_sold: number }>(sql`SELECT in_stock, units_sold FROM products WHERE id = ${id}`);

const movementsOf = (variantId: string) =>
  fixture.replica.database.rows(
    sql`SELECT kind, change, on_hand, caused_by FROM stock_movements WHERE variant_id = ${variantId} AND kind <> 'count' ORDER BY id`,
  );

describe('units that come back', () => {
  it('are on the shelf once under five deliveries of one event, and the log says which order they came from', async () => {
    const { variants } = await fixture.product([{ onHand: 5 }, { onHand: 5 }]);
    const [first, second] = variants.map(({ id }) => id) as [string, string];
    const orderId = await sold([
      { variantId: first, quantity: 3 },
      { variantId: second, quantity: 2 },
    ]);
    const eventId = uuidv7();
    const lines = [
      { variantId: second, quantity: 1 },
      { variantId: first, quantity: 2 },
    ];
    await Promise.all(Array.from({ length: 5 }, () => giveBack(orderId, lines, eventId)));
    expect(await fixture.stockOf(first)).toEqual({ onHand: 4, reserved: 0 });
    expect(await fixture.stockOf(second)).toEqual({ onHand: 4, reserved: 0 });
    expect(await movementsOf(first)).toEqual([
      { kind: 'sale', change: -3, on_hand: 2, caused_by: orderId },
      { kind: 'return', change: 2, on_hand: 4, caused_by: orderId },
    ]);
  });

  it('count two lines of one variant by their sum', async () => {
    const { variants } = await fixture.product([{ onHand: 4 }]);
    const variantId = variants[0]?.id as string;
    const orderId = await sold([{ variantId, quantity: 4 }]);
    const one = { variantId, quantity: 1 };
    await giveBack(orderId, [one, one, one]);
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 3, reserved: 0 });
  });

  it('make a sold-out product available again, and every cache hears of it', async () => {
    const product = await fixture.product([{ onHand: 1 }]);
    const line = { variantId: product.variants[0]?.id as string, quantity: 1 };
    const orderId = await sold([line]);
    expect(await productRow(product.id)).toMatchObject({ in_stock: false });
    changed.length = 0;
    await giveBack(orderId, [line]);
    expect(await productRow(product.id)).toMatchObject({ in_stock: true });
    await inTheEnd(() => expect(changed).toContainEqual([product.id]));
  });

  it('are counted though their variant was withdrawn, which stays unsellable', async () => {
    const product = await fixture.product([{ onHand: 2 }]);
    const line = { variantId: product.variants[0]?.id as string, quantity: 2 };
    const orderId = await sold([line]);
    await fixture.replica.admin.remove({ id: product.id }, adminCall());
    await giveBack(orderId, [line]);
    expect(await fixture.stockOf(line.variantId)).toEqual({ onHand: 2, reserved: 0 });
    expect(await reserve(uuidv7(), [line])).toMatchObject({ held: false });
  });

  it('leave the popularity, whether the sale was counted before or is counted after', async () => {
    const product = await fixture.product([{ onHand: 9 }]);
    const variantId = product.variants[0]?.id as string;
    const before = await sold([{ variantId, quantity: 4 }]);
    await fixture.replica.reservations.countSales();
    await giveBack(before, [{ variantId, quantity: 3 }]);
    expect(await productRow(product.id)).toMatchObject({ units_sold: 1 });
    const after = await sold([{ variantId, quantity: 2 }]);
    await giveBack(after, [{ variantId, quantity: 1 }]);
    await fixture.replica.reservations.countSales();
    expect(await productRow(product.id)).toMatchObject({ units_sold: 2 });
  });

  it('are never more than were sold: an event that says so changes nothing', async () => {
    const { variants } = await fixture.product([{ onHand: 5 }, { onHand: 5 }]);
    const [first, second] = variants.map(({ id }) => id) as [string, string];
    const orderId = await sold([
      { variantId: first, quantity: 2 },
      { variantId: second, quantity: 1 },
    ]);
    await giveBack(orderId, [{ variantId: first, quantity: 1 }]);
    const held = uuidv7();
    await reserve(held, [{ variantId: first, quantity: 1 }]);
    for (const [of, lines] of [
      [
        orderId,
        [
          { variantId: second, quantity: 1 },
          { variantId: first, quantity: 2 },
        ],
      ],
      [uuidv7(), [{ variantId: first, quantity: 1 }]],
      [orderId, [{ variantId: uuidv7(), quantity: 1 }]],
    ] as const)
      await expect(giveBack(of, lines)).rejects.toMatchObject({ code: 'internal' });
    await expect(giveBack(held, [{ variantId: first, quantity: 1 }])).rejects.toMatchObject({ code: 'unavailable' });
    expect(await fixture.stockOf(first)).toEqual({ onHand: 4, reserved: 1 });
    expect(await fixture.stockOf(second)).toEqual({ onHand: 4, reserved: 0 });
  });

  it('wait for the sale of their order, where that is heard of later', async () => {
    const { variants } = await fixture.product([{ onHand: 5 }]);
    const lines = [{ variantId: variants[0]?.id as string, quantity: 2 }];
    const [orderId, eventId] = [uuidv7(), uuidv7()];
    await reserve(orderId, lines);
    await expect(giveBack(orderId, lines, eventId)).rejects.toMatchObject({ code: 'unavailable' });
    await commit(orderId);
    await giveBack(orderId, lines, eventId);
    expect(await fixture.stockOf(lines[0]?.variantId as string)).toEqual({ onHand: 5, reserved: 0 });
  });

  it('of an order whose sale failed are none', async () => {
    const { variants } = await fixture.product([{ onHand: 1 }]);
    const lines = [{ variantId: variants[0]?.id as string, quantity: 1 }];
    const orderId = uuidv7();
    await reserve(orderId, lines);
    await fixture.replica.reservations.release({ orderId });
    await sold(lines);
    expect(await commit(orderId)).toEqual({ committed: false });
    await giveBack(orderId, lines);
    expect(await fixture.stockOf(lines[0]?.variantId as string)).toEqual({ onHand: 0, reserved: 0 });
  });

  it('are conserved whatever sales and returns meet, named in whatever order', async () => {
    const step = fc.record({
      action: fc.constantFrom('sell', 'return', 'return twice'),
      order: fc.integer({ min: 0, max: 3 }),
      variant: fc.integer({ min: 0, max: 1 }),
      units: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }), async (rounds) => {
        const product = await fixture.product([{ onHand: 9 }, { onHand: 6 }]);
        const ids = product.variants.map(({ id }) => id);
        const orders = Array.from({ length: 4 }, () => uuidv7());
        const perform = async ({ action, order: index, variant, units }: (typeof rounds)[number][number]): Promise<void> => {
          const orderId = orders[index] as string;
          const both = ids.map((variantId, at) => ({ variantId, quantity: at === variant ? units : 1 }));
          const lines = index % 2 === 0 ? both : both.toReversed();
          if (action === 'sell') {
            await reserve(orderId, lines);
            await commit(orderId);
            return;
          }
          const eventId = uuidv7();
          const deliveries = Array.from({ length: action === 'return' ? 1 : 2 }, () => giveBack(orderId, lines, eventId));
          // Too many, or not sold yet: refused whole.
          await Promise.allSettled(deliveries);
        };
        for (const round of rounds) await Promise.all(round.map(perform));
        for (const [index, variantId] of ids.entries()) {
          const { onHand, reserved } = await fixture.stockOf(variantId);
          const told = await fixture.replica.database.row<{ out: number; log: number }>(sql`
            SELECT (SELECT coalesce(sum(l.quantity - l.returned), 0) FROM reservation_lines l JOIN reservations r USING (order_id)
                WHERE l.variant_id = ${variantId} AND r.state = 'committed') AS out,
              (SELECT sum(change) FROM stock_movements WHERE variant_id = ${variantId}) AS log`);
          expect(reserved).toBe(0);
          expect(onHand).toBe((index === 0 ? 9 : 6) - Number(told?.out));
          expect(onHand).toBe(Number(told?.log));
        }
      }),
      { numRuns: 20 },
    );
  });
});
