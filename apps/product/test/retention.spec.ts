import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { Retention } from '../src/retention.ts';
import { ProductFixture } from './product-fixture.ts';

const DAY = 86_400_000;
const YEAR = 366 * DAY;

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const sweep = () => fixture.replica.app.get(Retention).sweep();
const database = () => fixture.replica.database;

/** An order's reservation of that age, with a line. */
async function reservation(ageMs: number, state: string, counted = true): Promise<string> {
  const id = uuidv7({ msecs: Date.now() - ageMs });
  await database().execute(sql`
    INSERT INTO reservations (order_id, state, counted, created_at)
    VALUES (${id}, ${state}, ${counted}, now() - make_interval(secs => ${ageMs / 1_000}::float8))`);
  await database().execute(sql`INSERT INTO reservation_lines (order_id, variant_id, quantity) VALUES (${id}, ${uuidv7()}, 1)`);
  return id;
}

const kept = async (ids: readonly string[]): Promise<string[]> => {
  const rows = await database().rows<{ id: string }>(sql`
    SELECT r.order_id AS id FROM reservations r JOIN reservation_lines USING (order_id) WHERE r.order_id = ANY(${ids}::uuid[])`);
  return ids.filter((id) => rows.some((row) => row.id === id));
};

describe('retention', () => {
  it('removes reservations after two years, with their lines, and no sooner', async () => {
    const over = [];
    for (const state of ['committed', 'released', 'refused']) over.push(await reservation(2 * YEAR + DAY, state));
    const under = [await reservation(2 * YEAR - DAY, 'committed'), await reservation(DAY, 'released')];
    await sweep();
    expect(await kept([...over, ...under])).toEqual(under);
    expect(await database().rows(sql`SELECT 1 FROM reservation_lines WHERE order_id = ANY(${over}::uuid[])`)).toEqual([]);
  });

  it('keeps what still holds stock or is not counted', async () => {
    const open = [await reservation(3 * YEAR, 'held'), await reservation(3 * YEAR, 'committed', false)];
    await sweep();
    expect(await kept(open)).toEqual(open);
  });

  it('removes entries of the stock book after eight years, however many', async () => {
    const { variants } = await fixture.product([{}]);
    const variantId = variants[0]?.id as string;
    const ids = (ageMs: number, count: number) => Array.from({ length: count }, () => uuidv7({ msecs: Date.now() - ageMs }));
    const young = ids(8 * YEAR - DAY, 1);
    await database().execute(sql`
      INSERT INTO stock_movements (id, variant_id, kind, change, on_hand)
      SELECT id, ${variantId}::uuid, 'count', 1, 1 FROM unnest(${[...ids(8 * YEAR + DAY, 2_500), ...young]}::uuid[]) AS row (id)`);
    await sweep();
    expect(await database().rows(sql`SELECT id FROM stock_movements WHERE variant_id = ${variantId}`)).toEqual(young.map((id) => ({ id })));
  });
});
