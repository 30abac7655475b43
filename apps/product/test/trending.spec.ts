import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '#libs/contracts/call';
import { cartApi } from '#libs/contracts/cart/api';
import { TrendingAsked, type TrendWindow } from '#libs/contracts/product/trending';
import { Signals } from '#libs/messaging/signals';
import { sql } from '#libs/persistence/sql';
import { aCall, aCallBy, codeOf, eventually, inTheEnd } from '#libs/testing/builders';
import { ProductReactions } from '../src/product.reactions.ts';
import { TrendRepository } from '../src/trending/trend.repository.ts';
import { TrendingHandlers } from '../src/trending/trending.handlers.ts';
import { adminCall, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
beforeEach(async () => {
  await fixture.replica.database.execute(sql`TRUNCATE interests, interest_hours, trends`);
});
afterAll(() => fixture?.stop());

const handlers = () => fixture.replica.app.get(TrendingHandlers);
const view = (id: string, call: Call = aCallBy(uuidv7())): Promise<void> => handlers().view({ id }, call);
const guest = (ip: string): Call => aCall({ client: { ip, agent: 'Firefox' } });

async function trending(window: TrendWindow = '24h'): Promise<string[]> {
  const { text } = await handlers().trending(Object.assign(new TrendingAsked(), { window, limit: 100 }));
  return (JSON.parse(text) as { items: { id: string }[] }).items.map(({ id }) => id);
}
const hear = (what: (reactions: ProductReactions, transaction: never) => Promise<void>): Promise<void> =>
  fixture.replica.database.transaction((transaction) => what(fixture.replica.app.get(ProductReactions), transaction as never));
const ids = async (count: number): Promise<string[]> => {
  const made: string[] = [];
  for (let index = 0; index < count; index += 1) made.push((await fixture.product([{ onHand: 1 }])).id);
  return made;
};
/** As many people as are named looked at it so many hours ago. */
async function lookedAt(productId: string, people: number, hoursAgo: number): Promise<void> {
  await fixture.replica.database.execute(sql`
    INSERT INTO interests (product_id, person, kind, hour)
    SELECT ${productId}::uuid, uuidv7(), 'view', date_trunc('hour', now()) - make_interval(hours => ${hoursAgo}::int)
    FROM generate_series(1, ${people}::int)`);
}
const count = async (): Promise<void> => {
  while (await fixture.replica.app.get(TrendRepository).count());
};

describe('trending', () => {
  it('counts one person once, user or client, however often they look, by whatever name', async () => {
    const { id: loved, slug } = await fixture.product([{}]);
    const [liked] = (await ids(1)) as [string];
    const [me, visitor] = [aCallBy(uuidv7()), guest('10.1.1.1')];
    for (let time = 0; time < 500; time += 1) {
      await view(time % 2 === 0 ? loved : slug, me);
      await view(loved, visitor);
    }
    for (const ip of ['10.1.1.1', '10.1.1.2', '10.1.1.3']) await view(liked, guest(ip));
    await inTheEnd(async () => expect(await trending()).toEqual([liked, loved]));
    const rows = await fixture.replica.database.rows(sql`SELECT product_id, count(*) AS people FROM interests GROUP BY 1 ORDER BY 2`);
    expect(rows).toEqual([
      { product_id: loved, people: 2 },
      { product_id: liked, people: 3 },
    ]);
  });

  it('weighs what happened lately more, within the window alone, and always alike', async () => {
    const [fresh, older, old, gone] = (await ids(4)) as [string, string, string, string];
    await lookedAt(fresh, 3, 0);
    await lookedAt(older, 5, 12);
    await lookedAt(old, 40, 30);
    await lookedAt(gone, 100, 8 * 24);
    await count();
    await inTheEnd(async () => expect(await trending('24h')).toEqual([fresh, older]));
    await inTheEnd(async () => expect(await trending('7d')).toEqual([old, older, fresh]));
    const levels = () => fixture.replica.database.rows(sql`SELECT * FROM trends ORDER BY product_id`);
    const before = await levels();
    await fixture.replica.app.get(TrendRepository).pass();
    expect(await levels()).toEqual(before.filter(({ week_level }) => week_level !== null));
    await fixture.replica.database.transaction((tx) => fixture.replica.app.get(TrendRepository).rebuild(tx, [fresh, older, old]));
    expect(await levels()).toEqual(before.filter(({ week_level }) => week_level !== null));
  });

  it('takes a wish for a look, and a sale for several, once for each person', async () => {
    const [wished, seen] = (await ids(2)) as [string, string];
    const sold = await fixture.product([{ onHand: 1 }]);
    const lines = [{ variantId: sold.variants[0]?.id as string, quantity: 3 }];
    const at = new Date().toISOString();
    const [userId, other] = [uuidv7(), uuidv7()];
    await hear((reactions, transaction) =>
      reactions.onWishlistWished(
        [userId, userId, other].map((one) => ({ userId: one, productId: wished, at })),
        { transaction },
      ),
    );
    await hear((reactions, transaction) =>
      reactions.onOrderConfirmed([{ orderId: uuidv7(), userId, cartVersion: null, lines }], { transaction }),
    );
    await view(seen);
    await inTheEnd(async () => expect(await trending()).toEqual([sold.id, wished, seen]));
    const weights = await fixture.replica.database.rows(sql`SELECT product_id AS id, weight FROM interest_hours ORDER BY weight`);
    expect(weights).toEqual([
      { id: seen, weight: 1 },
      { id: wished, weight: 2 },
      { id: sold.id, weight: 6 },
    ]);
  });

  it('hears of what is put into carts, on every replica and once', async () => {
    const [seen] = (await ids(1)) as [string];
    const { id, variants } = await fixture.product([{ onHand: 1 }]);
    await fixture.another();
    await view(seen);
    const items = [{ person: uuidv7(), variantId: variants[0]?.id as string }];
    for (let time = 0; time < 3; time += 1) fixture.replica.app.get(Signals).send(cartApi.signals.added, { items });
    await inTheEnd(async () => expect(await trending()).toEqual([id, seen]));
    const weights = await fixture.replica.database.rows(sql`SELECT weight FROM interest_hours WHERE product_id = ${id}`);
    expect(weights).toEqual([{ weight: 3 }]);
  });

  it('moves a person who comes back to the hour of their last look', async () => {
    const [id] = (await ids(1)) as [string];
    const person = uuidv7();
    await fixture.replica.database.execute(sql`
      INSERT INTO interests (product_id, person, kind, hour) VALUES (${id}, ${person}, 'view', date_trunc('hour', now()) - interval '20 hours')`);
    await count();
    await view(id, aCallBy(person));
    const hours = () =>
      fixture.replica.database.rows<{ weight: number; isNow: boolean }>(sql`
      SELECT weight, hour > now() - interval '2 hours' AS "isNow" FROM interest_hours WHERE product_id = ${id} AND weight > 0`);
    await inTheEnd(async () => expect(await hours()).toEqual([{ weight: 1, isNow: true }]));
  });

  it('forgets an erased account, and whatever of it comes late', async () => {
    const [id] = (await ids(1)) as [string];
    const userId = uuidv7();
    await view(id, aCallBy(userId));
    await view(id);
    const weight = async () =>
      (await fixture.replica.database.row<{ sum: number }>(sql`SELECT sum(weight) AS sum FROM interest_hours WHERE product_id = ${id}`))
        ?.sum;
    await eventually(async () => (await weight()) === 2);
    await hear((reactions, transaction) =>
      reactions.onAuthErased(
        { userId, at: new Date().toISOString() },
        { transaction, eventId: uuidv7(), version: 1, requestId: 'test-request' },
      ),
    );
    expect(await weight()).toBe(1);
    await hear((reactions, transaction) =>
      reactions.onWishlistWished([{ userId, productId: id, at: new Date().toISOString() }], { transaction }),
    );
    await count();
    expect(await weight()).toBe(1);
    expect(await fixture.replica.database.rows(sql`SELECT 1 FROM interests WHERE person = ${userId}`)).toEqual([]);
  });

  it('knows no product that is withdrawn or was never there', async () => {
    const [id] = (await ids(1)) as [string];
    expect(await codeOf(view(uuidv7()))).toBe('not_found');
    expect(await codeOf(view('no-such-kurta'))).toBe('not_found');
    await view(id);
    await inTheEnd(async () => expect(await trending()).toEqual([id]));
    await fixture.replica.admin.remove({ id }, adminCall());
    await inTheEnd(async () => expect(await trending()).toEqual([]));
  });
});

describe('what goes with a product', () => {
  const related = async (id: string): Promise<string[]> =>
    (JSON.parse((await handlers().related({ id })).text) as { items: { id: string }[] }).items.map((item) => item.id);

  it('is what others bought with it, then what is of its category and nearest to its price, in stock', async () => {
    const category = await fixture.replica.categories.createCategory({ name: 'Juttis' }, adminCall());
    const made = async (price: number, onHand = 5, categoryId = category.id): Promise<{ id: string; variantId: string }> => {
      const { id, variants } = await fixture.product([{ price, mrp: 1_000_000, onHand }], { categoryId });
      return { id, variantId: variants[0]?.id as string };
    };
    const shown = await made(50_000);
    const [near, far, , other] = [
      await made(55_000),
      await made(10_000),
      await made(50_000, 0),
      await made(900_000, 5, fixture.categoryId),
    ];
    const orderId = uuidv7();
    const lines = [shown, other].map(({ variantId }) => ({ variantId, quantity: 1 }));
    await fixture.replica.reservations.reserve({ orderId, lines, ttlSeconds: 900 });
    await hear((reactions, transaction) =>
      reactions.onOrderConfirmed([{ orderId, userId: uuidv7(), cartVersion: null, lines }], { transaction }),
    );
    await fixture.replica.reservations.countSales();
    expect(await related(shown.id)).toEqual([other.id, near.id, far.id]);
  });
});
