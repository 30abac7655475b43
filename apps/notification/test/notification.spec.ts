import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderChanged } from '#libs/contracts/order/messages';
import { sql } from '#libs/persistence/sql';
import { aCallBy, codeOf, eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { ExportHandlers } from '../src/feed/export.handlers.ts';
import { FeedHandlers } from '../src/feed/feed.handlers.ts';
import { NotificationReactions } from '../src/notification.reactions.ts';
import { causeOfChange } from '../src/order-causes.ts';
import { DeviceHandlers } from '../src/reach/device.handlers.ts';
import { PreferenceHandlers } from '../src/reach/preference.handlers.ts';
import { aDatabase, aMessageDue, aPerson, aPhone, firstIn, openShop, type Shop } from './notification-fixture.ts';

/** What happened is told: from the event to the dev inbox and the list. */
let scratch: ScratchDatabase;
let shop: Shop;
let reactions: NotificationReactions;
let feed: FeedHandlers;

beforeAll(async () => {
  scratch = await aDatabase();
  shop = await openShop(scratch, { EMAIL_LINK_URL: 'https://only2u.in/account/verify-email' });
  reactions = shop.app.get(NotificationReactions);
  feed = shop.app.get(FeedHandlers);
});
afterAll(async () => {
  await shop?.app.close();
  await scratch?.drop();
});

const delivery = () => ({ eventId: uuidv7(), version: 1, requestId: 'suite' });

describe('a message that auth words', () => {
  it('carries the code to a number that belongs to nobody, and is forgotten once it has left', async () => {
    const due = aMessageDue({ to: aPhone() }, '482917');
    await shop.hears((transaction) => reactions.onAuthMessageDue(due, { ...delivery(), transaction }));
    expect(await firstIn(shop, due.to)).toMatchObject({ channel: 'sms', template: 'otp', category: 'account', locale: 'en' });
    expect((await shop.inbox(due.to))[0]?.text).toBe(
      '482917 is your Only2U code. It is good for 5 minutes. Do not share it with anyone. - Only2U',
    );
    const kept = await eventually(async () =>
      shop.database.row(sql`SELECT sent_to, state, attempts FROM deliveries WHERE notification_id = ${due.messageId}`),
    );
    expect(kept).toMatchObject({
      state: 'sent',
      sent_to: `+91******${due.to.slice(-4)}`,
      attempts: [{ provider: 'sandbox', outcome: 'sent' }],
    });
    await eventually(
      async () => (await shop.database.row(sql`SELECT 1 FROM outgoing WHERE notification_id = ${due.messageId}`)) === undefined,
    );
  });

  it('leads to the page that is set, with the token', async () => {
    const person = aPerson();
    const due = aMessageDue({ template: 'email_verification', channel: 'email', to: person.email ?? '', userId: person.userId }, 'a-token');
    await shop.hears((transaction) => reactions.onAuthMessageDue(due, { ...delivery(), transaction }));
    const { text, subject } = await firstIn(shop, due.to);
    expect([subject, text.includes('https://only2u.in/account/verify-email?token=a-token'), text.includes('Hello Meera,')]).toEqual([
      'Confirm your e-mail address',
      true,
      true,
    ]);
  });

  it('tells a stranger no name: who gave an address that nobody has proved may have put a message into it', async () => {
    const name = 'You won! https://evil.example';
    for (const [locale, greeting] of [
      ['en', 'Hello there,'],
      ['hi', 'नमस्ते जी,'],
    ] as const)
      for (const template of ['email_verification', 'password_reset'] as const) {
        const person = aPerson({ name, emailVerified: false });
        await shop.app.get(PreferenceHandlers).setPreferences({ userId: person.userId, locale });
        const due = aMessageDue({ template, channel: 'email', to: person.email ?? '', userId: person.userId }, 'a-token');
        await shop.hears((transaction) => reactions.onAuthMessageDue(due, { ...delivery(), transaction }));
        const mail = await firstIn(shop, due.to);
        expect(mail.text).toContain(greeting);
        expect(JSON.stringify(mail)).not.toContain('evil');
      }
  });

  it('does not leave after its time', async () => {
    const due = aMessageDue({ expiresAt: new Date(Date.now() - 1_000).toISOString() }, '111111');
    await shop.hears((transaction) => reactions.onAuthMessageDue(due, { ...delivery(), transaction }));
    await eventually(() =>
      shop.database.row(sql`SELECT 1 FROM deliveries WHERE notification_id = ${due.messageId} AND reason = 'expired'`),
    );
    expect(await shop.inbox(due.to)).toEqual([]);
  });
});

describe('the list', () => {
  const tell = (userId: string) =>
    shop.hears((transaction) =>
      reactions.onAuthSecurityNoticed({ userId, template: 'password_changed', at: '2026-03-14T12:35:00Z' }, { ...delivery(), transaction }),
    );
  const listOf = (userId: string) => feed.list({ userId, limit: 20 });

  it('has what its user was told, unread until it is read, to nobody else', async () => {
    const [{ userId }, stranger] = [aPerson(), aPerson()];
    await tell(userId);
    const list = await eventually(async () => {
      const page = await listOf(userId);
      return page.items.length === 1 && page;
    });
    expect(list).toMatchObject({
      unreadCount: 1,
      nextCursor: null,
      items: [{ template: 'password_changed', category: 'account', count: 1 }],
    });
    expect(list.items[0]?.body).toBe('The password of your account was changed on 14 March 2026 at 6:05 pm.');
    const id = list.items[0]?.id ?? '';
    expect(await codeOf(feed.read({ id }, aCallBy(stranger.userId)))).toBe('not_found');
    expect(await codeOf(feed.remove({ id }, aCallBy(stranger.userId)))).toBe('not_found');
    for (let time = 0; time < 2; time += 1) expect(await feed.read({ id }, aCallBy(userId))).toEqual({ unreadCount: 0 });
    expect((await listOf(userId)).items[0]?.readAt).toEqual(expect.any(String));
    expect(await codeOf(feed.remove({ id }, aCallBy(userId)))).toBe('ok');
    expect(await codeOf(feed.remove({ id }, aCallBy(userId)))).toBe('not_found');
  });

  it('is in what its user may export, with what they want to hear of and where pushes go', async () => {
    const { userId } = aPerson();
    await shop.app.get(PreferenceHandlers).setPreferences({ userId, locale: 'hi' });
    await shop.app.get(DeviceHandlers).registerToken({ token: uuidv7(), platform: 'ios', deviceId: 'phone' }, aCallBy(userId));
    await tell(userId);
    await eventually(async () => (await listOf(userId)).items.length === 1);
    const { content, next } = await shop.app.get(ExportHandlers).exportOf({ userId });
    expect([JSON.parse(content), next]).toMatchObject([
      [{ preferences: { locale: 'hi' }, devices: [{ platform: 'ios', deviceId: 'phone' }] }, { template: 'password_changed' }],
      null,
    ]);
  });

  it('is marked as read up to the newest that the client has seen', async () => {
    const { userId } = aPerson();
    for (let count = 0; count < 3; count += 1) await tell(userId);
    const { items } = await eventually(async () => {
      const page = await listOf(userId);
      return page.items.length === 3 && page;
    });
    const versions = [await feed.myUnread({}, aCallBy(userId))];
    expect(await feed.readAll({ userId, upTo: items[1]?.id ?? '' })).toEqual({ unreadCount: 1 });
    versions.push(await feed.myUnread({}, aCallBy(userId)));
    expect(await feed.readAll({ userId })).toEqual({ unreadCount: 0 });
    versions.push(await feed.myUnread({}, aCallBy(userId)));
    expect(versions.map(({ unread }) => unread)).toEqual([3, 1, 0]);
    expect(versions.map(({ version }) => version)).toEqual([...versions.map(({ version }) => version)].sort((a, b) => a - b));
  });
});

describe('an order', () => {
  const changed = (userId: string, fields: Partial<OrderChanged> = {}): OrderChanged => ({
    ...{ orderId: uuidv7(), userId, number: 'OU261124-7K3QX9ZD', version: 1, cause: 'status', previousStatus: 'pending_payment' },
    ...{ status: 'confirmed', paymentStatus: 'paid', paymentMethod: 'razorpay', total: 129_950, kept: 125_050, openReturn: false },
    ...{ at: new Date().toISOString(), ...fields },
  });

  it('that is confirmed is told by mail, SMS and in the list, with what leads to it and its invoice', async () => {
    const person = aPerson();
    const change = changed(person.userId);
    await shop.hears((transaction) => reactions.onOrderChanged([change], { transaction }));
    const mail = await firstIn(shop, person.email ?? '');
    expect(mail).toMatchObject({ subject: 'Your order OU261124-7K3QX9ZD is confirmed', template: 'order_confirmed', category: 'orders' });
    for (const part of ['₹1,299.50', `https://shop.test/demo/orders/${change.orderId}`, `/orders/${change.orderId}#invoice`])
      expect(mail.text).toContain(part);
    expect((await firstIn(shop, person.phone ?? '')).text).toBe(
      'Your Only2U order OU261124-7K3QX9ZD for ₹1,299.50 is confirmed. We will tell you when it is shipped. - Only2U',
    );
    const [notification] = await eventually(async () => {
      const { items } = await feed.list({ userId: person.userId, limit: 20 });
      return items.length > 0 && items;
    });
    expect(notification).toMatchObject({ title: 'Order confirmed', data: { orderId: change.orderId } });
  });

  it.each<[Partial<OrderChanged>, string | undefined]>([
    [{ status: 'packed', previousStatus: 'confirmed' }, undefined],
    [{ status: 'shipped', previousStatus: 'packed' }, 'order_shipped'],
    [{ status: 'out_for_delivery', previousStatus: 'shipped' }, 'order_out_for_delivery'],
    [{ status: 'delivered', previousStatus: 'out_for_delivery' }, 'order_delivered'],
    [{ status: 'delivered', previousStatus: 'return_requested' }, 'return_updated'],
    [{ status: 'return_requested', previousStatus: 'delivered' }, 'return_updated'],
    [{ status: 'returned', previousStatus: 'return_requested' }, 'return_updated'],
    [{ status: 'returned_to_origin', previousStatus: 'out_for_delivery' }, 'return_updated'],
    [{ status: 'cancelled', previousStatus: 'confirmed' }, 'order_cancelled'],
    [{ status: 'expired' }, 'order_expired'],
    [{ cause: 'units', previousStatus: 'confirmed' }, 'order_cancelled'],
    [{ cause: 'goodwill' }, undefined],
    [{ cause: 'refund', refund: { id: uuidv7(), amount: 100 } }, 'refund_processed'],
    [{ cause: 'late_money', late: 'confirmed', previousStatus: 'expired' }, 'late_payment'],
    [{ cause: 'late_money', late: 'refunded', status: 'expired' }, 'late_payment'],
  ])('%o is told as %s', (fields, template) => {
    expect(causeOfChange(changed(uuidv7(), fields))?.template).toBe(template);
  });

  it.each([
    ['refused', 'return_requested'],
    ['returned', 'returned'],
  ] as const)('says that the return was %s where the order is delivered again after %s', (change, previousStatus) => {
    expect(causeOfChange(changed(uuidv7(), { status: 'delivered', previousStatus }))).toEqual({ template: 'return_updated', change });
  });
});
