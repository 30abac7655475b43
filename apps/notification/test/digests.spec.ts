import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { aCallBy, eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { Announcer } from '../src/announcer.ts';
import { DeliveryHandlers } from '../src/delivery/delivery.handlers.ts';
import { OutgoingRepository } from '../src/delivery/outgoing.repository.ts';
import { FeedHandlers } from '../src/feed/feed.handlers.ts';
import { ListDigests } from '../src/feed/list-digests.ts';
import { PreferenceHandlers } from '../src/reach/preference.handlers.ts';
import { NotificationStore } from '../src/store/notification-store.ts';
import { aDatabase, aPerson, firstIn, openShop, type Shop } from './notification-fixture.ts';
import { aNotification } from './store-conformance.ts';

/** What a wishlist has to tell within the span leaves as one, and is one entry of the list while nobody has read that. */
let scratch: ScratchDatabase;
let replicas: [Shop, Shop];
let shop: Shop;

beforeAll(async () => {
  scratch = await aDatabase();
  // So long that none leaves before the test says so.
  const values = { DIGEST_SECONDS: '3600' };
  replicas = [await openShop(scratch, values), await openShop(scratch, values)];
  [shop] = replicas;
});
afterAll(async () => {
  await Promise.all((replicas ?? []).map(({ app }) => app.close()));
  await scratch?.drop();
});

const drop = (userId: string, product: string, template: 'price_drop' | 'back_in_stock' = 'price_drop', at = shop) =>
  at.hears(async (transaction) =>
    at.app.get(Announcer).announce(transaction, {
      ...{ template, userId, data: { productId: product, link: `https://shop.test/${product}` } },
      variables: { product, price: '₹999', link: `https://shop.test/${product}` },
    }),
  );
/** The span of this reader's digests is over. */
const spanEnds = (userId: string) =>
  shop.database.execute(sql`UPDATE outgoing SET due_at = now() WHERE user_id = ${userId} AND gathers AND state = 'waiting'`);
const deliveries = async (userId: string) => (await shop.app.get(DeliveryHandlers).deliveries({ userId, limit: 200 })).items;
const mailState = (userId: string, state: string) =>
  eventually(async () => {
    const mails = (await deliveries(userId)).filter(({ channel }) => channel === 'email');
    return mails.length > 0 && mails.every((one) => one.state === state) && mails;
  });
const listOf = (userId: string) => shop.app.get(FeedHandlers).list({ userId, limit: 50 });
const listWith = (userId: string, count: number) =>
  eventually(async () => {
    const page = await listOf(userId);
    return page.items.reduce((sum, one) => sum + one.count, 0) === count && page;
  });
const awake = async () => {
  const person = aPerson();
  await shop.app.get(PreferenceHandlers).setPreferences({ userId: person.userId, quietHours: null });
  return person;
};

describe('a digest', () => {
  it('of thirty price drops is one mail and one entry, however many replicas heard of them at once', async () => {
    const { userId, email } = await awake();
    await Promise.all(Array.from({ length: 30 }, (_, index) => drop(userId, `kurta-${index}`, 'price_drop', replicas[index % 2])));
    const { items, unreadCount } = await listWith(userId, 30);
    expect([items.length, unreadCount, items[0]?.count]).toEqual([1, 1, 30]);
    expect(items[0]?.body).toBe(`${items[0]?.data.productId}: now ₹999.`);
    expect(await shop.inbox(email ?? '')).toEqual([]);
    expect((await deliveries(userId)).filter(({ channel }) => channel === 'email')).toMatchObject([{ state: 'waiting' }]);
    await spanEnds(userId);
    const mail = await firstIn(shop, email ?? '');
    expect([mail.subject, mail.text.includes('There are 29 more pieces of news from your wishlist.')]).toEqual(['Price drop', true]);
    await mailState(userId, 'sent');
    expect(await shop.inbox(email ?? '')).toHaveLength(1);
  });

  it('has news of both kinds, and is told in Hindi', async () => {
    const { userId, email } = await awake();
    await shop.app.get(PreferenceHandlers).setPreferences({ userId, locale: 'hi' });
    await drop(userId, 'साड़ी');
    await drop(userId, 'कुर्ता', 'back_in_stock');
    await spanEnds(userId);
    const { subject, text } = await firstIn(shop, email ?? '');
    expect(subject).toBe('फिर से उपलब्ध');
    expect(text).toContain('कुर्ता की बिक्री फिर से शुरू हो गई है। आपकी विशलिस्ट से एक ख़बर और है।');
    expect((await mailState(userId, 'sent'))[0]).toMatchObject({ template: 'back_in_stock', locale: 'hi' });
  });

  it('gathers through quiet hours, and is one message after them', async () => {
    const { userId, email } = aPerson();
    const preferences = shop.app.get(PreferenceHandlers);
    // Half a day from now on, so that a test at any hour is within them.
    const hour = new Date().getUTCHours();
    const clock = (hours: number) => `${String((hours + 24) % 24).padStart(2, '0')}:00`;
    await preferences.setPreferences({ userId, quietHours: { from: clock(hour - 6), to: clock(hour + 6) }, timeZone: 'UTC' });
    await drop(userId, 'first');
    await spanEnds(userId);
    // Judged: it is due when the hours end.
    await eventually(() =>
      shop.database.row(sql`
        SELECT 1 FROM outgoing WHERE user_id = ${userId} AND channel = 'email' AND state = 'waiting' AND due_at > now() + interval '3 hours'`),
    );
    await drop(userId, 'second');
    await shop.database.execute(sql`UPDATE outgoing SET created_at = now() - interval '1 hour' WHERE user_id = ${userId} AND gathers`);
    await preferences.setPreferences({ userId, quietHours: null });
    await mailState(userId, 'sent');
    expect((await shop.inbox(email ?? '')).map(({ text }) => text.includes('one more piece of news'))).toEqual([true]);
  });

  it('that has left begins anew', async () => {
    const { userId, email } = await awake();
    for (const product of ['one', 'two']) {
      await drop(userId, product);
      await spanEnds(userId);
      await eventually(async () => (await shop.inbox(email ?? ''))[0]?.text.includes(`${product}: now`));
      await mailState(userId, 'sent');
    }
    expect(await shop.inbox(email ?? '')).toHaveLength(2);
  });

  it('which something joins after it was judged does not leave without it', async () => {
    const { userId } = await awake();
    await drop(userId, 'one');
    const judged = await shop.database.row<{ id: string }>(sql`SELECT id FROM outgoing WHERE user_id = ${userId} AND channel = 'email'`);
    await drop(userId, 'two');
    const outgoing = shop.app.get(OutgoingRepository);
    const asJudged = { id: judged?.id ?? '', judgedCount: 1 };
    expect([...(await outgoing.beginHandOver([asJudged]))]).toEqual([]);
    await outgoing.record([{ ...asJudged, state: 'skipped', reason: 'stale' }]);
    expect((await deliveries(userId)).find(({ channel }) => channel === 'email')).toMatchObject({ state: 'waiting' });
  });

  it('that another worker hands over by now, or whose reader prefers something else, is not what an earlier judgement says', async () => {
    const { userId } = await awake();
    await drop(userId, 'one');
    const mail = await shop.database.row<{ id: string; updated_at: Date }>(sql`
      UPDATE outgoing SET updated_at = now() - interval '1 second' WHERE user_id = ${userId} AND channel = 'email' RETURNING id, updated_at`);
    const outgoing = shop.app.get(OutgoingRepository);
    const [asJudged, stateOf] = [
      { id: mail?.id ?? '', judgedCount: 1 },
      async () => (await deliveries(userId)).find(({ channel }) => channel === 'email')?.state,
    ];
    await shop.app.get(PreferenceHandlers).setPreferences({ userId, locale: 'hi' });
    await outgoing.record([{ ...asJudged, judgedAt: mail?.updated_at ?? new Date(), state: 'skipped', reason: 'preference' }]);
    expect(await stateOf()).toBe('waiting');
    await outgoing.beginHandOver([asJudged]);
    await outgoing.record([{ ...asJudged, state: 'waiting', again: 60 }]);
    expect(await stateOf()).toBe('sending');
  });

  it('of somebody who is told nothing by mail has no mail', async () => {
    const { userId, email } = await awake();
    await shop.app.get(PreferenceHandlers).setPreferences({ userId, channels: { wishlist: { email: false } } });
    await drop(userId, 'one');
    await spanEnds(userId);
    expect(await mailState(userId, 'skipped')).toMatchObject([{ reason: 'preference' }]);
    expect(await shop.inbox(email ?? '')).toEqual([]);
  });
});

describe('an entry of the list that others join', () => {
  it('is left alone once it is read: what comes then begins another', async () => {
    const { userId } = await awake();
    await drop(userId, 'one');
    await drop(userId, 'two');
    const [first] = (await listWith(userId, 2)).items;
    await shop.app.get(FeedHandlers).read({ id: first?.id ?? '' }, aCallBy(userId));
    await drop(userId, 'three');
    const { items, unreadCount } = await listWith(userId, 3);
    expect([items.map(({ count }) => count), unreadCount]).toEqual([[1, 2], 1]);
    expect(items[1]).toMatchObject({ id: first?.id, readAt: expect.any(String) });
  });

  it('that is read just before one joins it is left alone too', async () => {
    const { userId } = await awake();
    await drop(userId, 'one');
    const [first] = (await listWith(userId, 1)).items;
    const store = shop.app.get(NotificationStore);
    const add = vi.spyOn(store, 'add').mockImplementationOnce(async (entries) => {
      await store.read(userId, first?.id ?? '', new Date());
      await store.add(entries);
    });
    await drop(userId, 'two');
    const { items, unreadCount } = await listWith(userId, 2);
    add.mockRestore();
    expect([items.map(({ count }) => count), unreadCount]).toEqual([[1, 1], 1]);
  });

  it('counts a message once that is carried again, before and after it was read', async () => {
    const { userId } = await awake();
    const [digests, store] = [shop.app.get(ListDigests), shop.app.get(NotificationStore)];
    const words = { userId, category: 'wishlist', template: 'price_drop' } as const;
    const messages = await Promise.all(
      [1, 2, 3].map(async () => {
        const id = uuidv7();
        await shop.database.execute(sql`
          INSERT INTO outgoing (id, notification_id, user_id, template, category, channel, lane, state, due_at)
          VALUES (${id}, ${uuidv7()}, ${userId}, 'price_drop', 'wishlist', 'in_app', 'transactional', 'sending', now() + interval '1 hour')`);
        return { id, own: aNotification(words) };
      }),
    );
    const [one, two, three] = messages as [(typeof messages)[0], (typeof messages)[0], (typeof messages)[0]];
    const put = ({ id, own }: typeof one) => digests.put(id, own);
    for (const message of [one, two, one, two, three, three, one]) await put(message);
    expect((await listOf(userId)).items.map(({ id, count }) => [id, count])).toEqual([[one.own.id, 3]]);
    await store.read(userId, one.own.id, new Date());
    for (const message of [three, one, two]) await put(message);
    expect((await listOf(userId)).items).toHaveLength(1);
    await store.remove(userId, one.own.id);
    expect(await put(one)).toBeUndefined();
    expect((await listOf(userId)).items).toEqual([]);
  });

  it('begins anew for a message whose worker died before the entry had it, once that is read', async () => {
    const { userId } = await awake();
    const store = shop.app.get(NotificationStore);
    await drop(userId, 'one');
    const [entry] = (await listWith(userId, 1)).items;
    const id = uuidv7();
    // It has its place, and the worker died there.
    await shop.database.execute(sql`
      INSERT INTO outgoing (id, notification_id, user_id, template, category, channel, lane, state, due_at, entry_id, place)
      VALUES (${id}, ${uuidv7()}, ${userId}, 'price_drop', 'wishlist', 'in_app', 'transactional', 'sending', now() + interval '1 hour',
        ${entry?.id ?? ''}, 2)`);
    await store.read(userId, entry?.id ?? '', new Date());
    const own = aNotification({ userId, category: 'wishlist', template: 'price_drop' });
    expect(await shop.app.get(ListDigests).put(id, own)).toMatchObject({ id: own.id, count: 1 });
    expect((await listOf(userId)).items).toHaveLength(2);
  });
});
