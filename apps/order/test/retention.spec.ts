import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { type LifecycleFixture, startLifecycleFixture } from './lifecycle-fixture.ts';

let fixture: LifecycleFixture;
beforeAll(async () => {
  fixture = await startLifecycleFixture();
});
afterAll(() => fixture.close());

const count = async (table: 'orders' | 'order_items' | 'checkouts' | 'order_captures'): Promise<number> => {
  const tables = { orders: sql`orders`, order_items: sql`order_items`, checkouts: sql`checkouts`, order_captures: sql`order_captures` };
  return (await fixture.database.row<{ count: number }>(sql`SELECT count(*) FROM ${tables[table]}`))?.count ?? 0;
};
const age = (id: string, days: number): Promise<number> =>
  fixture.database.execute(sql`UPDATE orders SET created_at = now() - make_interval(days => ${days}::int) WHERE id = ${id}`);

describe('retention', () => {
  it('removes refused orders after 30 days and ended checkouts after 90, and keeps orders, lines and open checkouts', async () => {
    const sold = await fixture.bought();
    const young = await fixture.bought();
    const open = await fixture.placed();
    const refused = await fixture.placed();
    await fixture.database.execute(sql`UPDATE orders SET status = 'refused', holds_cart = false WHERE id = ${refused.id}`);
    await fixture.database.execute(sql`UPDATE checkouts SET step = 'done', due_at = NULL WHERE order_id = ${refused.id}`);
    for (const { id } of [sold, open]) await age(id, 91);
    await age(young.id, 89);
    await age(refused.id, 31);
    await fixture.retention.removeOld();
    expect([await count('orders'), await count('order_items'), await count('checkouts')]).toEqual([3, 3, 2]);
    expect((await fixture.read(sold.id)).status).toBe('confirmed');
  });

  it('removes rejected captures after 400 days, and taken ones never', async () => {
    await fixture.bought();
    const taken = await count('order_captures');
    await fixture.database.execute(sql`
      INSERT INTO order_captures (payment_id, order_id, amount, currency, outcome, created_at)
      SELECT 'pay_' || days, gen_random_uuid(), 1, 'INR', 'unknown_order', now() - make_interval(days => days)
      FROM unnest(ARRAY[399, 401]) AS days`);
    await fixture.database.execute(sql`UPDATE order_captures SET created_at = now() - interval '9 years' WHERE outcome = 'taken'`);
    await fixture.sweeper.sweep();
    expect(await count('order_captures')).toBe(taken + 1);
  });
});
