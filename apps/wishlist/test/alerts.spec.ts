import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { AlertChecks } from '../src/alert-checks.ts';
import { by, type Person, WishlistFixture } from './wishlist-fixture.ts';

let shop: WishlistFixture;
beforeAll(async () => {
  shop = await WishlistFixture.start();
});
afterAll(() => shop?.stop());

type Goods = { productId: string; variantId: string };
const gone = () => shop.shelf.product({ availability: 'out_of_stock' });
const backInStock = (user: Person, goods: Goods, n = 0) => shop.alerts(n).createAlert({ kind: 'back_in_stock', ...goods }, by(user));
const priceDrop = (user: Person, { productId, variantId }: Partial<Goods> & { productId: string }, targetPrice?: number) =>
  shop
    .alerts()
    .createAlert({ kind: 'price_drop', productId, ...(variantId && { variantId }), ...(targetPrice && { targetPrice }) }, by(user));
const rise = (goods: Goods, units: number, n = 0) =>
  shop.react(
    (reactions, delivery) => reactions.onProductStockRose([{ ...goods, by: units, available: units, price: 99_900 }], delivery),
    n,
  );
const priced = ({ productId, variantId }: Goods, price: number, version: number, productPrice = price) =>
  shop.react((reactions, delivery) => reactions.onProductPriceChanged({ productId, variantId, price, productPrice, version }, delivery));
const alertsOf = async (user: Person) => (await shop.alerts().alerts({ limit: 100 }, by(user))).items;
const statusOf = async (user: Person) => (await alertsOf(user)).map(({ status }) => status);

describe('back in stock', () => {
  it('tells as many as there are units, those who wait longest first, each once; the rest keep their place', async () => {
    const goods = gone();
    const users: Person[] = [];
    for (let n = 0; n < 6; n += 1) {
      const user = await shop.user();
      users.push(user);
      await backInStock(user, goods, n);
    }
    const told = async () => (await Promise.all(users.map(statusOf))).flat().map((status) => status === 'sent');
    await rise(goods, 2);
    expect(await told()).toEqual([true, true, false, false, false, false]);
    await rise(goods, 1);
    expect(await told()).toEqual([true, true, true, false, false, false]);
    await rise(goods, 100);
    expect(await told()).toEqual([true, true, true, true, true, true]);
    expect(await alertsOf(users[0] as Person)).toMatchObject([{ status: 'sent', sentCount: 1, kind: 'back_in_stock' }]);
  });

  it('rises that come at once add up, and nobody is told twice', async () => {
    const goods = gone();
    const users = await Promise.all(Array.from({ length: 12 }, () => shop.user()));
    for (const user of users) await backInStock(user, goods);
    await Promise.all(Array.from({ length: 5 }, (_, n) => rise(goods, 2, n)));
    const statuses = (await Promise.all(users.map(statusOf))).flat();
    expect(statuses).toEqual([...Array<string>(10).fill('sent'), 'waiting', 'waiting']);
  });

  it('of a disabled user is not told and keeps its place until they are enabled again', async () => {
    const goods = gone();
    const [first, second] = [await shop.user(), await shop.user()];
    for (const user of [first, second]) await backInStock(user, goods);
    const account = (disabled: boolean, version: number) =>
      shop.react((reactions, delivery) =>
        reactions.onAuthAccountChanged({ userId: first.userId, roles: [], disabled, version, at: new Date().toISOString() }, delivery),
      );
    await account(true, 7);
    await account(false, 6);
    await rise(goods, 1);
    expect([await statusOf(first), await statusOf(second)]).toEqual([['waiting'], ['sent']]);
    await account(false, 8);
    await rise(goods, 1);
    expect(await statusOf(first)).toEqual(['sent']);
  });

  it('is refused for what is on sale, for no variant and with a target, and its like is the same alert', async () => {
    const user = await shop.user();
    const [goods, onSale] = [gone(), shop.shelf.product()];
    const create = (input: object) => codeOf(shop.alerts().createAlert(input as never, by(user)));
    expect(await create({ kind: 'back_in_stock', ...onSale })).toBe('wishlist.in_stock');
    expect(await create({ kind: 'back_in_stock', productId: goods.productId })).toBe('validation_failed');
    expect(await create({ kind: 'back_in_stock', ...goods, targetPrice: 5 })).toBe('validation_failed');
    expect(await create({ kind: 'back_in_stock', productId: uuidv7(), variantId: uuidv7() })).toBe('not_found');
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => backInStock(user, goods, n)));
    expect(answers.filter(({ added }) => added)).toHaveLength(1);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  });

  it('that missed its rise because it was made at the same moment is refused instead', async () => {
    const user = await shop.user();
    const goods = gone();
    let asked = 0;
    const answer = shop.shelf.answer.bind(shop.shelf);
    shop.shelf.answer = (refs) => {
      asked += 1;
      if (asked === 2) shop.shelf.change(goods, { availability: 'in_stock' });
      return answer(refs);
    };
    expect(await codeOf(backInStock(user, goods))).toBe('wishlist.in_stock');
    expect(await alertsOf(user)).toEqual([]);
    shop.shelf.answer = answer;
  });
});

describe('a price drop', () => {
  it('is told at the target or below, again only after the price was above, and keeps waiting', async () => {
    const user = await shop.user();
    const goods = shop.shelf.product();
    await priceDrop(user, goods, 80_000);
    for (const [version, price] of [90_000, 80_000, 70_000, 85_000, 79_000].entries()) await priced(goods, price, version + 1);
    expect(await alertsOf(user)).toMatchObject([{ status: 'waiting', sentCount: 2, targetPrice: 80_000 }]);
  });

  it('of a variant hears the variant, of a product its lowest price', async () => {
    const [ofVariant, ofProduct] = [await shop.user(), await shop.user()];
    const goods = shop.shelf.product();
    await priceDrop(ofVariant, goods);
    await priceDrop(ofProduct, { productId: goods.productId });
    await priced(goods, 99_899, 1, 99_900);
    expect([await alertsOf(ofVariant), await alertsOf(ofProduct)]).toMatchObject([[{ sentCount: 1 }], [{ sentCount: 0 }]]);
    await priced({ ...goods, variantId: uuidv7() }, 50_000, 2, 50_000);
    expect([await alertsOf(ofVariant), await alertsOf(ofProduct)]).toMatchObject([[{ sentCount: 1 }], [{ sentCount: 1 }]]);
  });

  it('reached already is refused, and a like one gets the new target', async () => {
    const user = await shop.user();
    const goods = shop.shelf.product();
    expect(await codeOf(priceDrop(user, goods, 99_900))).toBe('wishlist.price_reached');
    const first = await priceDrop(user, goods);
    expect(first).toMatchObject({ added: true, targetPrice: 99_899 });
    const free = shop.shelf.product({ price: 0 });
    expect(await codeOf(priceDrop(user, free))).toBe('wishlist.price_reached');
    expect(await priceDrop(user, goods, 50_000)).toMatchObject({ added: false, id: first.id, targetPrice: 50_000 });
  });

  it('is told as often as the price fell to the target from above, in whatever order the changes come, if the last is at the target', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        async (prices, random) => {
          const user = await shop.user();
          const goods = shop.shelf.product();
          await priceDrop(user, goods, 10);
          const changes = prices.map((price, n) => ({ price, version: n + 1, place: random.next().value as number }));
          for (const { price, version } of changes.toSorted((one, other) => one.place - other.place)) await priced(goods, price, version);
          const isLow = (prices.at(-1) ?? 0) <= 10;
          const [alert] = await alertsOf(user);
          const falls = prices.filter((price, n) => price <= 10 && (n === 0 || (prices[n - 1] ?? 0) > 10)).length;
          expect(alert?.sentCount).toBeLessThanOrEqual(falls);
          if (isLow) expect(alert?.sentCount).toBeGreaterThanOrEqual(1);
          if (prices.every((price) => price > 10)) expect(alert?.sentCount).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('alerts', () => {
  it('that are asked for again with their key are answered like the first, also when they would be refused by now', async () => {
    const user = await shop.user();
    const [stock, price] = [gone(), shop.shelf.product()];
    const again = async (input: object, key: string, change: () => void) => {
      const create = () => shop.alerts().createAlert(input as never, by(user, key));
      const first = await create();
      change();
      expect(await create()).toEqual(first);
    };
    await again({ kind: 'back_in_stock', ...stock }, 'stock', () => shop.shelf.change(stock, { availability: 'in_stock' }));
    await again({ kind: 'price_drop', ...price, targetPrice: 500 }, 'price', () => shop.shelf.change(price, { price: 400 }));
    await again({ kind: 'price_drop', productId: price.productId, targetPrice: 300 }, 'gone', () =>
      shop.shelf.withdraw({ productId: price.productId }),
    );
  });

  it('at most 100 wait, also in parallel', async () => {
    const user = await shop.user();
    const answers = await Promise.allSettled(Array.from({ length: 110 }, (_, n) => backInStock(user, gone(), n)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
    expect(await codeOf(backInStock(user, gone()))).toBe('wishlist.too_many_alerts');
  });

  it('of a withdrawn variant or product end untold', async () => {
    const user = await shop.user();
    const [one, two] = [shop.shelf.product(), shop.shelf.product()];
    await priceDrop(user, one);
    await priceDrop(user, { productId: one.productId });
    await priceDrop(user, two);
    const withdrawn = (what: { productId: string; variantId?: string }) =>
      shop.react((reactions, delivery) => reactions.onProductWithdrawn({ ...what, at: new Date().toISOString() }, delivery));
    await withdrawn(one);
    await withdrawn({ productId: two.productId });
    expect(await statusOf(user)).toEqual(['ended', 'waiting', 'ended']);
    await priced(two, 1, 9);
    expect((await alertsOf(user)).map(({ sentCount }) => sentCount)).toEqual([0, 0, 0]);
    expect((await shop.alerts().alerts({ limit: 20, status: 'waiting' }, by(user))).items).toHaveLength(1);
  });

  it('whose maker died before they asked product again end all the same when it was withdrawn meanwhile', async () => {
    const user = await shop.user();
    const [goods, cheaper] = [shop.shelf.product(), shop.shelf.product()];
    const answer = shop.shelf.answer.bind(shop.shelf);
    for (const one of [goods, cheaper]) {
      shop.shelf.answer = (refs) => {
        shop.shelf.answer = () => Promise.reject(new Error('the process ended'));
        return answer(refs);
      };
      await codeOf(priceDrop(user, one, 500));
    }
    shop.shelf.answer = answer;
    shop.shelf.withdraw({ productId: goods.productId });
    shop.shelf.change(cheaper, { price: 400, priceVersion: 3 });
    expect(await statusOf(user)).toEqual(['waiting', 'waiting']);
    await shop.database.execute(sql`UPDATE alerts SET check_due = now() WHERE user_id = ${user.userId}`);
    await shop.replica().get(AlertChecks).checkDue();
    await eventually(async () => (await statusOf(user))[1] === 'ended');
    await eventually(async () => (await alertsOf(user))[0]?.sentCount === 1);
  });

  it('hold as a message leaves only while what they say is so, of whoever is still to hear of it', async () => {
    const user = await shop.user();
    const [goods, cheap] = [gone(), shop.shelf.product()];
    const stock = await backInStock(user, goods);
    const price = await priceDrop(user, cheap, 50_000);
    const holds = async (alertId: string) => (await shop.alerts().stillHolds({ alertId })).holds;
    expect([await holds(stock.id), await holds(price.id), await holds(uuidv7())]).toEqual([false, false, false]);
    shop.shelf.change(goods, { availability: 'low_stock' });
    shop.shelf.change(cheap, { price: 50_000 });
    expect([await holds(stock.id), await holds(price.id)]).toEqual([true, true]);
    await shop.alerts().removeAlert({ id: stock.id }, by(user));
    expect(await holds(stock.id)).toBe(false);
    expect(await codeOf(shop.alerts().removeAlert({ id: stock.id }, by(user)))).toBe('not_found');
    expect(await codeOf(shop.alerts().removeAlert({ id: price.id }, by(await shop.user())))).toBe('not_found');
  });
});
