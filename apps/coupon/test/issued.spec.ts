import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { call, close, coupons, create, open, replicas } from './coupon-fixture.ts';

/** Who is told that a coupon is theirs, as it stands in the outbox: nobody takes it in this suite. */
beforeAll(open);
afterAll(close);

const admin = () => call(undefined, 'admin');
const told = async (couponId: string): Promise<Record<string, unknown>[]> => {
  const rows =
    (await replicas[0]
      ?.get(Database)
      .rows<{ payload: string }>(sql`SELECT payload FROM outbox WHERE event = 'coupon.issued' ORDER BY id`)) ?? [];
  return rows.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>).filter((payload) => payload.couponId === couponId);
};

it('those whom a coupon names are told with its code and its end, once for one key', async () => {
  const [first, second] = [uuidv7(), uuidv7()];
  const terms = {
    ...{ kind: 'fixed' as const, value: 100, userIds: [first, second], code: `FOR-${first.slice(-8)}` },
    ...{ startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2099-01-01T00:00:00.000Z' },
  };
  const keyed = call(undefined, 'admin', uuidv7());
  const [{ id, code }] = await Promise.all([coupons.create(terms, keyed), coupons.create(terms, keyed)]);
  expect(await told(id)).toEqual([{ couponId: id, userIds: [first, second], code, endsAt: terms.endsAt, cause: 'admin' }]);
});

it('a change tells those alone who were not named before', async () => {
  const [first, second] = [uuidv7(), uuidv7()];
  const { id } = await create({ userIds: [first] });
  await coupons.update({ id, value: 5 }, admin());
  await coupons.update({ id, userIds: [second, first] }, admin());
  await coupons.update({ id, userIds: null }, admin());
  expect((await told(id)).map(({ userIds }) => userIds)).toEqual([[first], [second]]);
});

it('a coupon that is switched off is told once it is switched on', async () => {
  const userId = uuidv7();
  const { id } = await create({ userIds: [userId], active: false });
  expect(await told(id)).toEqual([]);
  await coupons.update({ id, active: true }, admin());
  expect(await told(id)).toMatchObject([{ userIds: [userId] }]);
});

it('nobody is told again of a coupon that is switched off and on, or goes on after its end', async () => {
  const userId = uuidv7();
  const { id } = await create({ userIds: [userId], startsAt: '2026-01-01T00:00:00.000Z' });
  for (const change of [
    { active: false },
    { active: true },
    { endsAt: '2026-01-02T00:00:00.000Z' },
    { endsAt: '2099-01-01T00:00:00.000Z' },
  ])
    await coupons.update({ id, ...change }, admin());
  expect(await told(id)).toHaveLength(1);
});

it('nobody is told of a coupon for everybody, of a promotion without a code, of one that is over', async () => {
  const over = { startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2026-01-02T00:00:00.000Z' };
  for (const terms of [{}, { automatic: true, userIds: [uuidv7()] }, { ...over, userIds: [uuidv7()] }])
    expect(await told((await create(terms)).id)).toEqual([]);
});
