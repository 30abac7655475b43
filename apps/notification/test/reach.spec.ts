import { createHmac } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '#libs/contracts/call';
import { sql } from '#libs/persistence/sql';
import { aCall, aCallBy, aUser, codeOf, eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { Announcer } from '../src/announcer.ts';
import type { Template } from '../src/causes.ts';
import { Carriers } from '../src/delivery/carriers.ts';
import { DeliveryHandlers } from '../src/delivery/delivery.handlers.ts';
import { Filing } from '../src/delivery/filing.ts';
import { HandOver } from '../src/delivery/hand-over.ts';
import type { Message } from '../src/delivery/outgoing.ts';
import { UnreadCounts } from '../src/feed/unread-counts.ts';
import { NotificationReactions } from '../src/notification.reactions.ts';
import { DeviceHandlers } from '../src/reach/device.handlers.ts';
import { DeviceRepository } from '../src/reach/device.repository.ts';
import { PreferenceHandlers } from '../src/reach/preference.handlers.ts';
import { ReceiptHandlers } from '../src/reach/receipt.handlers.ts';
import { SuppressionHandlers } from '../src/reach/suppression.handlers.ts';
import { UnsubscribeHandlers } from '../src/reach/unsubscribe.handlers.ts';
import { UnsubscribeLinks } from '../src/reach/unsubscribe-links.ts';
import { aDatabase, aMessageDue, aPerson, cartVersion, firstIn, openShop, people, type Shop } from './notification-fixture.ts';

const SECRET = 'a secret of the suite, long enough';
/** Never now, and always now: a suite holds at every hour. */
const NEVER_QUIET = null;
const ALWAYS_QUIET = { from: '00:00', to: '23:59' };

let scratch: ScratchDatabase;
let shop: Shop;
let preferences: PreferenceHandlers;

beforeAll(async () => {
  scratch = await aDatabase();
  shop = await openShop(scratch, { MAIL_WEBHOOK_SECRET: SECRET });
  preferences = shop.app.get(PreferenceHandlers);
});
afterAll(async () => {
  await shop?.app.close();
  await scratch?.drop();
});

const VARIABLES = {
  number: 'OU261124-7K3QX9ZD',
  total: '₹10',
  link: 'https://shop.test',
  invoice: 'https://shop.test',
  items: '2',
  version: 'v1',
};
const tell = (template: Template, userId: string, data: Record<string, string> = {}) =>
  shop.hears(async (transaction) => shop.app.get(Announcer).announce(transaction, { template, userId, variables: VARIABLES, data }));
const outcomes = async (userId: string): Promise<Record<string, string>> => {
  const { items } = await shop.app.get(DeliveryHandlers).deliveries({ userId, limit: 20 });
  return Object.fromEntries(items.map(({ channel, state, reason }) => [channel, reason ?? state]));
};
const settled = (userId: string, channels: number) =>
  eventually(async () => {
    const found = await outcomes(userId);
    const isSettled =
      Object.keys(found).length === channels && !Object.values(found).some((state) => state === 'queued' || state === 'sending');
    return isSettled && found;
  });

describe('preferences', () => {
  it('are asked when a message leaves; locked cells cannot be switched off, and a refusal changes nothing', async () => {
    const { userId } = aPerson();
    expect(await codeOf(preferences.setPreferences({ userId, channels: { orders: { in_app: false, email: false } } }))).toBe(
      'notification.locked_preference',
    );
    expect((await preferences.preferences({ userId })).channels.orders).toEqual({ push: true, email: true, sms: true, in_app: true });
    await preferences.setPreferences({ userId, channels: { orders: { email: false } } });
    await tell('order_confirmed', userId);
    expect(await settled(userId, 4)).toEqual({ email: 'preference', sms: 'sent', in_app: 'delivered', push: 'no_device' });
  });

  it('of two devices that change different cells at once are all kept', async () => {
    const { userId } = aPerson();
    const cells = ['account', 'orders', 'chat', 'wishlist', 'promotions'] as const;
    await Promise.all(cells.map((category) => preferences.setPreferences({ userId, channels: { [category]: { push: false } } })));
    const { channels } = await preferences.preferences({ userId });
    expect(cells.map((category) => channels[category].push)).toEqual(cells.map(() => false));
  });

  it('say in which language messages come', async () => {
    const person = aPerson({ name: 'मीरा' });
    await preferences.setPreferences({ userId: person.userId, locale: 'hi' });
    await tell('order_confirmed', person.userId);
    const mail = await firstIn(shop, person.email ?? '');
    expect([mail.locale, mail.subject]).toEqual(['hi', 'आपका ऑर्डर OU261124-7K3QX9ZD कन्फ़र्म हो गया है']);
    expect(mail.text).toContain('नमस्ते मीरा,');
  });

  it('refuse a zone that there is not', async () => {
    expect(await codeOf(preferences.setPreferences({ userId: uuidv7(), timeZone: 'Mars/Olympus' }))).toBe('validation_failed');
  });
});

describe('promotions', () => {
  const wanting = async (quietHours: typeof ALWAYS_QUIET | null, fields: Parameters<typeof aPerson>[0] = {}) => {
    const person = aPerson(fields);
    await preferences.setPreferences({ userId: person.userId, channels: { promotions: { email: true } }, quietHours });
    return person;
  };

  it('are not mailed unless they were asked for, nor to an address that is not proved', async () => {
    cartVersion.current = 'v1';
    const [nobody, unproved] = [aPerson(), await wanting(NEVER_QUIET, { emailVerified: false })];
    await tell('cart_abandoned', nobody.userId);
    await tell('cart_abandoned', unproved.userId);
    expect(await settled(nobody.userId, 3)).toEqual({ email: 'preference', push: 'preference', in_app: 'delivered' });
    expect(await settled(unproved.userId, 3)).toMatchObject({ email: 'unverified' });
  });

  it('wait for the end of quiet hours, in the list they stand at once', async () => {
    const { userId } = await wanting(ALWAYS_QUIET);
    await tell('cart_abandoned', userId);
    const found = await settled(userId, 3);
    // One minute of the day is not quiet.
    expect(['waiting', 'sent']).toContain(found.email);
    expect(found.in_app).toBe('delivered');
    await preferences.setPreferences({ userId, quietHours: NEVER_QUIET });
    await eventually(async () => (await outcomes(userId)).email === 'sent');
  });

  it('that wait do not leave once they are switched off', async () => {
    const { userId } = await wanting(ALWAYS_QUIET);
    await tell('cart_abandoned', userId);
    const { email } = await settled(userId, 3);
    await preferences.setPreferences({ userId, channels: { promotions: { email: false } } });
    await eventually(async () => (await outcomes(userId)).email === (email === 'waiting' ? 'preference' : email));
  });

  it('that do not begin to leave take no place of the day', async () => {
    const { userId, email } = await wanting(NEVER_QUIET);
    const gone: Message = {
      ...{ id: uuidv7(), notificationId: uuidv7(), userId, channel: 'email', template: 'cart_abandoned', category: 'promotions' },
      ...{
        locale: 'en',
        version: 1,
        to: [email ?? ''],
        text: 'Hello',
        data: {},
        count: 1,
        judgedCount: 1,
        tries: 0,
        createdAt: new Date(),
      },
    };
    expect(await shop.app.get(HandOver).begin([gone, gone, gone])).toEqual([]);
    await tell('cart_abandoned', userId);
    expect(await settled(userId, 3)).toMatchObject({ email: 'sent' });
    expect(await shop.database.row(sql`SELECT promotions FROM promotion_counts WHERE user_id = ${userId}`)).toEqual({ promotions: 1 });
  });

  it('are two a day at most', async () => {
    const { userId } = await wanting(NEVER_QUIET);
    for (let time = 0; time < 3; time += 1) await tell('cart_abandoned', userId);
    const states = await eventually(async () => {
      const { items } = await shop.app.get(DeliveryHandlers).deliveries({ userId, channel: 'email', limit: 20 });
      const found = items.map(({ state, reason }) => reason ?? state).sort();
      return found.length === 3 && !found.includes('queued') && !found.includes('sending') && found;
    });
    expect(states).toEqual(['cap', 'sent', 'sent']);
  });

  it('that do not hold any more do not leave', async () => {
    cartVersion.current = 'v2';
    const { userId } = await wanting(NEVER_QUIET);
    await tell('cart_abandoned', userId);
    expect(await settled(userId, 3)).toMatchObject({ email: 'stale' });
    cartVersion.current = 'v1';
  });

  it('of which nobody says whether they hold wait alone: what left with them leaves', async () => {
    const [asked, other] = [await wanting(NEVER_QUIET), await wanting(NEVER_QUIET)];
    cartVersion.awayFor.add(asked.userId);
    await tell('cart_abandoned', asked.userId);
    await shop.hears(async (transaction) => {
      for (const { userId } of [asked, other])
        shop.app.get(Announcer).announce(transaction, { template: 'cart_abandoned', userId, variables: VARIABLES });
    });
    expect(await settled(other.userId, 3)).toMatchObject({ email: 'sent', in_app: 'delivered' });
    expect((await outcomes(asked.userId)).email).toBe('queued');
    cartVersion.awayFor.clear();
    await eventually(async () => (await outcomes(asked.userId)).email === 'sent');
  });

  it('are switched off by the link in them, without a login, as often as it is used; opening it changes nothing', async () => {
    const person = await wanting(NEVER_QUIET);
    await tell('cart_abandoned', person.userId);
    const { headers } = await firstIn(shop, person.email ?? '');
    expect(headers).toMatchObject({ 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click', 'Auto-Submitted': 'auto-generated' });
    const token = /token=([\w-]+)/.exec(headers?.['List-Unsubscribe'] ?? '')?.[1] ?? '';
    const unsubscribing = shop.app.get(UnsubscribeHandlers);
    const isOn = async () => (await preferences.preferences({ userId: person.userId })).channels.promotions.email;
    expect(String((await unsubscribing.unsubscribePage({ token })).body)).toContain('<form method="post">');
    expect(await isOn()).toBe(true);
    for (let time = 0; time < 2; time += 1)
      expect(await unsubscribing.unsubscribe({ bytes: Buffer.from('List-Unsubscribe=One-Click'), headers: {}, query: { token } })).toEqual({
        category: 'promotions',
        email: false,
      });
    expect(await isOn()).toBe(false);
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    expect(await codeOf(unsubscribing.unsubscribePage({ token: forged }))).toBe('not_found');
  });
});

describe('a device', () => {
  const register = (call: Call, token = `token-${uuidv7()}`, deviceId = 'phone') =>
    shop.app.get(DeviceHandlers).registerToken({ token, platform: 'android', deviceId }, call);
  const devicesOf = async (call: Call) => (await shop.app.get(DeviceHandlers).devices({}, call)).items;

  it('gets pushes until its session ends, and a registration that comes late is refused', async () => {
    const { userId } = aPerson();
    const call = aCall({ actor: aUser(userId) });
    const token = `token-${uuidv7()}`;
    const device = await register(call, token);
    expect(device.createdAt).toBe(device.lastSeenAt);
    const again = await register(call, token);
    expect([again.id, again.createdAt === again.lastSeenAt]).toEqual([device.id, false]);
    await tell('order_delivered', userId, { orderId: uuidv7() });
    expect(await firstIn(shop, token)).toMatchObject({ channel: 'push', subject: 'Delivered', data: { orderId: expect.any(String) } });
    const { sessionId } = call.actor as { sessionId: string };
    await shop.hears((transaction) =>
      shop.app
        .get(NotificationReactions)
        .onAuthSessionEnded(
          { userId, sessionIds: [sessionId], at: new Date().toISOString() },
          { transaction, eventId: uuidv7(), version: 1, requestId: 'suite' },
        ),
    );
    expect(await devicesOf(call)).toEqual([]);
    expect(await codeOf(register(call, token))).toBe('unauthenticated');
  });

  it('that is being registered as its session ends is gone once both are done', async () => {
    const { userId } = aPerson();
    const call = aCall({ actor: aUser(userId) });
    const { sessionId } = call.actor as { sessionId: string };
    let ending: Promise<void> = Promise.resolve();
    await shop.hears(async (transaction) => {
      // As a registration holds it that has seen no end of its session.
      await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${userId}::text, 0))`);
      ending = shop.hears((other) => shop.app.get(DeviceRepository).endSessions(other, userId, [sessionId]));
      await eventually(() => shop.database.row(sql`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`));
      await transaction.execute(sql`
        INSERT INTO devices (id, user_id, session_id, token, token_hash, platform, device_id)
        VALUES (${uuidv7()}, ${userId}, ${sessionId}, 'late', sha256(${userId}::text::bytea), 'web', 'browser')`);
    });
    await ending;
    expect(await devicesOf(call)).toEqual([]);
  });

  it('whose token many register at once has one owner, and nobody is told of an error', async () => {
    const token = `token-${uuidv7()}`;
    const calls = Array.from({ length: 8 }, () => aCallBy(aPerson().userId));
    expect(new Set(await Promise.all(calls.map((call) => codeOf(register(call, token)))))).toEqual(new Set(['ok']));
    expect((await Promise.all(calls.map(devicesOf))).flat()).toHaveLength(1);
  });

  it('has one owner: whoever registers its token next', async () => {
    const token = `token-${uuidv7()}`;
    const [first, second] = [aCallBy(aPerson().userId), aCallBy(aPerson().userId)];
    await register(first, token);
    await register(second, token);
    expect([await devicesOf(first), (await devicesOf(second)).length]).toEqual([[], 1]);
    expect(await codeOf(shop.app.get(DeviceHandlers).unregisterToken({ token }, first))).toBe('not_found');
    expect(await codeOf(shop.app.get(DeviceHandlers).unregisterToken({ token }, second))).toBe('ok');
  });

  it('is one of twenty: a further one takes the place of the stalest, and a new token that of the old', async () => {
    const call = aCallBy(aPerson().userId);
    for (let count = 0; count < 21; count += 1) await register(call, undefined, `device-${count}`);
    await register(call, undefined, 'device-20');
    const ids = (await devicesOf(call)).map(({ deviceId }) => deviceId);
    expect([ids.length, ids.includes('device-0'), ids.includes('device-20')]).toEqual([20, false, true]);
  });
});

describe('a mail that came back', () => {
  const told = (events: object[], secret = SECRET) => {
    const bytes = Buffer.from(JSON.stringify({ events }));
    return shop.app
      .get(ReceiptHandlers)
      .mailWebhook({ bytes, headers: { 'x-signature': createHmac('sha256', secret).update(bytes).digest('hex') } });
  };
  const at = '2026-03-14T12:00:00Z';

  it('is told by who knows the secret alone, silences its address for all mail, and is on the record', async () => {
    const person = aPerson();
    const address = person.email ?? '';
    await tell('order_confirmed', person.userId);
    const { headers } = await firstIn(shop, address);
    const events = [{ id: '1', type: 'bounce', permanent: true, address: address.toUpperCase(), messageId: headers?.['Message-ID'], at }];
    expect(await codeOf(told(events, 'another secret, long enough'))).toBe('notification.bad_signature');
    await eventually(async () => (await outcomes(person.userId)).email === 'sent');
    await shop.app.get(Filing).fileDone();
    for (let time = 0; time < 2; time += 1) await told(events);
    expect(await outcomes(person.userId)).toMatchObject({ email: 'bounced' });
    await tell('password_changed', person.userId);
    await eventually(
      async () =>
        (await shop.app.get(DeliveryHandlers).deliveries({ userId: person.userId, state: 'skipped', channel: 'email', limit: 5 })).items[0]
          ?.reason === 'suppressed',
    );
    const suppressions = shop.app.get(SuppressionHandlers);
    const { items } = await suppressions.suppressions({ address, limit: 20 });
    expect(items).toMatchObject([{ channel: 'email', address, reason: 'bounce' }]);
    await suppressions.removeSuppression({ id: items[0]?.id ?? '' });
    expect((await suppressions.suppressions({ address, limit: 20 })).items).toEqual([]);
  });

  it('before its hand-over is recorded counts, and so does how it was handed over', async () => {
    const person = aPerson();
    const carrier = shop.app.get(Carriers).of('transactional', 'email');
    const carry = carrier.carry.bind(carrier);
    carrier.carry = async (messages) => {
      for (const { notificationId } of messages)
        await told([{ id: '3', type: 'delivered', address: person.email, messageId: `<${notificationId}@shop.test>`, at }]);
      return carry(messages);
    };
    await tell('order_delivered', person.userId).finally(() =>
      eventually(async () => (await outcomes(person.userId)).email === 'delivered').finally(() => {
        carrier.carry = carry;
      }),
    );
    const [delivery] = await eventually(async () => {
      const { items } = await shop.app.get(DeliveryHandlers).deliveries({ userId: person.userId, channel: 'email', limit: 1 });
      return items[0]?.attempts.length === 1 && items;
    });
    expect(delivery).toMatchObject({ state: 'delivered', to: 'p***@example.com' });
  });

  it('for a complaint silences all but what is about the account and orders', async () => {
    const person = aPerson();
    await preferences.setPreferences({ userId: person.userId, channels: { promotions: { email: true } }, quietHours: null });
    await told([{ id: '2', type: 'complaint', address: person.email, at }]);
    await tell('cart_abandoned', person.userId);
    expect(await settled(person.userId, 3)).toMatchObject({ email: 'suppressed' });
    await tell('order_confirmed', person.userId);
    expect(await firstIn(shop, person.email ?? '')).toMatchObject({ template: 'order_confirmed' });
  });
});

describe('somebody who is gone', () => {
  it('and erased leaves nothing behind by an old link, nor by a change that comes late', async () => {
    const { userId } = aPerson();
    await shop.hears((transaction) =>
      shop.app
        .get(NotificationReactions)
        .onAuthErased({ userId, at: new Date().toISOString() }, { transaction, eventId: uuidv7(), version: 1, requestId: 'suite' }),
    );
    const token = shop.app.get(UnsubscribeLinks).tokenFor({ userId, category: 'promotions' });
    expect(await shop.app.get(UnsubscribeHandlers).unsubscribe({ bytes: Buffer.alloc(0), headers: {}, query: { token } })).toEqual({
      category: 'promotions',
      email: false,
    });
    await shop.app.get(UnreadCounts).changed([userId]);
    expect(
      await codeOf(shop.app.get(DeviceHandlers).registerToken({ token: uuidv7(), platform: 'web', deviceId: 'x' }, aCallBy(userId))),
    ).toBe('unauthenticated');
    expect(
      await shop.database.row(sql`
        SELECT (SELECT count(*) FROM preferences WHERE user_id = ${userId})::int + (SELECT count(*) FROM devices WHERE user_id = ${userId})::int
          + (SELECT count(*) FROM unread_versions WHERE user_id = ${userId})::int AS rows`),
    ).toEqual({ rows: 0 });
  });

  it('and erased waits for what is kept of them at this moment, and takes it along', async () => {
    const { userId } = aPerson();
    const { promise, resolve } = Promise.withResolvers<void>();
    // Somebody changes their devices.
    const changing = shop.hears(async (transaction) => {
      await shop.app.get(DeviceRepository).removeAll(transaction, userId);
      await promise;
    });
    const locks = async (isGranted: boolean): Promise<number> => {
      const [row] = await shop.database.rows<{ locks: number }>(sql`
        SELECT count(*)::int AS locks FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE datname = current_database() AND locktype = 'advisory' AND granted = ${isGranted}`);
      return row?.locks ?? 0;
    };
    // Only then do the others come.
    await eventually(async () => (await locks(true)) > 0);
    const saving = preferences.setPreferences({ userId, locale: 'hi' });
    await eventually(async () => (await locks(false)) === 1);
    const erasing = shop.hears((transaction) =>
      shop.app
        .get(NotificationReactions)
        .onAuthErased({ userId, at: new Date().toISOString() }, { transaction, eventId: uuidv7(), version: 1, requestId: 'suite' }),
    );
    await eventually(async () => (await locks(false)) === 2);
    resolve();
    await Promise.all([changing, saving, erasing]);
    expect(await shop.database.rows(sql`SELECT 1 FROM preferences WHERE user_id = ${userId}`)).toEqual([]);
  });

  it('and disabled gets no link either', async () => {
    const { userId, email } = aPerson({ disabled: true });
    const due = aMessageDue({ template: 'password_reset', channel: 'email', to: email ?? '', userId }, 'a-token');
    await shop.hears((transaction) =>
      shop.app.get(NotificationReactions).onAuthMessageDue(due, { eventId: due.messageId, version: 1, requestId: 'suite', transaction }),
    );
    expect(await settled(userId, 1)).toEqual({ email: 'unknown_user' });
  });

  it('and disabled has no devices left, unless they are enabled again by the time that it is heard', async () => {
    const changed = { roles: ['customer'], disabled: true, version: 1, at: new Date().toISOString() };
    for (const [isStillDisabled, left] of [
      [true, 0],
      [false, 1],
    ] as const) {
      const { userId } = aPerson({ disabled: isStillDisabled });
      await shop.app.get(DeviceHandlers).registerToken({ token: uuidv7(), platform: 'web', deviceId: 'x' }, aCallBy(userId));
      await shop.hears((transaction) =>
        shop.app
          .get(NotificationReactions)
          .onAuthAccountChanged({ userId, ...changed }, { transaction, eventId: uuidv7(), version: 1, requestId: 'suite' }),
      );
      expect(await shop.app.get(DeviceRepository).of([userId])).toHaveLength(left);
    }
  });

  it('or disabled is told nothing', async () => {
    const [disabled, unknown] = [aPerson({ disabled: true }), uuidv7()];
    people.delete(unknown);
    for (const userId of [disabled.userId, unknown]) {
      await tell('order_confirmed', userId);
      expect(new Set(Object.values(await settled(userId, 4)))).toEqual(new Set(['unknown_user']));
    }
    expect(await shop.database.row(sql`SELECT count(*)::int AS count FROM notifications WHERE user_id = ${disabled.userId}`)).toEqual({
      count: 0,
    });
  });
});
