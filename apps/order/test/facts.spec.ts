import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAddress } from '#libs/testing/builders';
import { customer, itemOf, type LifecycleFixture, PRICES, startLifecycleFixture } from './lifecycle-fixture.ts';

/** What the order service tells of a user's orders to who judges referrals. */
let fixture: LifecycleFixture;
beforeAll(async () => {
  fixture = await startLifecycleFixture();
});
afterAll(() => fixture.close());

/** What stands after the last change, without what changed. */
async function lastTold(id: string): Promise<Record<string, unknown>> {
  const { at: _, cause: _cause, previousStatus: _before, ...standing } = (await fixture.changes(id)).at(-1) ?? {};
  expect(standing).toHaveProperty('orderId', id);
  return standing;
}
const factsOf = async (userId: string) => (await fixture.orders.factsOf({ userId })).items;

it('every order that was ever confirmed is told as its last change was, and none that never was', async () => {
  const user = uuidv7();
  const unpaid = await fixture.placed({ user });
  const kept = await fixture.moved(await fixture.bought({ user }), 'packed', 'shipped', 'out_for_delivery', 'delivered');
  const told = [await lastTold(kept.id)];
  const cancelled = await fixture.bought({ user });
  await fixture.lifecycle.cancel({ id: cancelled.id, reason: 'changed my mind' }, customer(user));
  told.push(await lastTold(cancelled.id));
  const cut = await fixture.bought({ user, quantities: [2] });
  await fixture.lifecycle.cancel({ id: cut.id, reason: 'too many', items: [{ itemId: itemOf(cut, 0), quantity: 1 }] }, customer(user));
  told.push(await lastTold(cut.id));
  const facts = await factsOf(user);
  expect(facts.map(({ orderId }) => orderId)).toEqual([kept.id, cancelled.id, cut.id]);
  expect(facts.map(({ orderId }) => orderId)).not.toContain(unpaid.id);
  expect(facts).toMatchObject(told);
  expect(facts[0]).toMatchObject({ status: 'delivered', deliveredAt: expect.any(String), openReturn: false });
  expect(facts[1]).toMatchObject({ status: 'cancelled', previousStatus: 'confirmed', kept: 0 });
  expect(facts[2]).toMatchObject({ kept: PRICES[0] });
  expect(await factsOf(uuidv7())).toEqual([]);
});

it('a place is the same however its first line is written, at the same PIN code, for this user alone', async () => {
  const user = uuidv7();
  await fixture.bought({ user });
  const { line1, pincode } = anAddress();
  const isSame = async (place: { line1?: string; pincode?: string; userId?: string }) =>
    (await fixture.orders.sameAddress({ userId: user, line1, pincode, ...place })).same;
  expect(await isSame({})).toBe(true);
  expect(await isSame({ line1: `  ${line1.toUpperCase().replaceAll(' ', ' - ')}.` })).toBe(true);
  expect(await isSame({ line1: `${line1} B` })).toBe(false);
  expect(await isSame({ pincode: '110001' })).toBe(false);
  expect(await isSame({ userId: uuidv7() })).toBe(false);
});
