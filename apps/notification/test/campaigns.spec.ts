import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '#libs/contracts/call';
import type { SendCampaign } from '#libs/contracts/notification/api';
import type { Campaign } from '#libs/contracts/notification/views';
import { sql } from '#libs/persistence/sql';
import { aCall, aUser, codeOf, eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { CampaignHandlers } from '../src/campaigns/campaign.handlers.ts';
import { CampaignRepository } from '../src/campaigns/campaign.repository.ts';
import { Filing } from '../src/delivery/filing.ts';
import { Receipts } from '../src/delivery/receipts.ts';
import { FeedHandlers } from '../src/feed/feed.handlers.ts';
import { PreferenceHandlers } from '../src/reach/preference.handlers.ts';
import { NotificationStore } from '../src/store/notification-store.ts';
import { aDatabase, aPerson, firstIn, lastOrders, openShop, people, type Shop } from './notification-fixture.ts';

let scratch: ScratchDatabase;
let replicas: Shop[];
let campaigns: CampaignHandlers;

beforeAll(async () => {
  scratch = await aDatabase();
  replicas = await Promise.all([openShop(scratch), openShop(scratch)]);
  campaigns = (replicas[0] as Shop).app.get(CampaignHandlers);
});
afterAll(async () => {
  await Promise.all((replicas ?? []).map(({ app }) => app.close()));
  await scratch?.drop();
});

const by = (role: 'admin' | 'support' = 'admin'): Call => aCall({ actor: aUser(uuidv7(), role) });
const send = (fields: Partial<SendCampaign>, call = by()) =>
  campaigns.send({ category: 'orders', title: 'News', body: 'Hello {{name}}', ...fields }, call);
const ended = (campaign: Campaign): Promise<Campaign> =>
  eventually(async () => {
    const now = await campaigns.campaign({ id: campaign.id });
    return (now.status === 'done' || now.status === 'cancelled') && now.counts.queued === 0 && now;
  });
const later = (): string => new Date(Date.now() + 3_600_000).toISOString();
const sumOf = ({ counts: { skipped, ...counts } }: Campaign): number =>
  [...Object.values(counts), ...Object.values(skipped)].reduce((sum, count) => sum + count, 0);

describe('a campaign', () => {
  it('reaches each user once, however many replicas send it and however often a user is named', async () => {
    const readers = Array.from({ length: 60 }, () => aPerson({ name: 'Asha' }));
    const ids = readers.map(({ userId }) => userId);
    const campaign = await send({ userIds: [...ids, ...ids.slice(0, 5)] });
    expect(campaign).toMatchObject({ recipients: 60, title: 'News', category: 'orders' });
    const done = await ended(campaign);
    expect(done).toMatchObject({ status: 'done', counts: { sent: 60, delivered: 60, skipped: { no_device: 60 } } });
    expect(sumOf(done)).toBe(180);
    const mail = await firstIn(replicas[0] as Shop, readers[7]?.email ?? '');
    expect([mail.subject, mail.text.includes('Hello Asha'), mail.template]).toEqual(['News', true, undefined]);
    expect(await (replicas[0] as Shop).inbox(readers[7]?.email ?? '')).toHaveLength(1);
    const { items } = await campaigns.campaigns({ limit: 1 });
    expect(items[0]?.id).toBe(campaign.id);
  });

  it('to a segment reaches those for whom all holds', async () => {
    people.clear();
    const [recent, old, never] = [aPerson(), aPerson(), aPerson()];
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    lastOrders.set(recent.userId, { userId: recent.userId, at: daysAgo(3) });
    lastOrders.set(old.userId, { userId: old.userId, at: daysAgo(200) });
    const preferences = (replicas[0] as Shop).app.get(PreferenceHandlers);
    await preferences.setPreferences({ userId: never.userId, locale: 'hi' });
    const reached = async (segment: NonNullable<SendCampaign['segment']>): Promise<number> =>
      (await ended(await send({ segment, channels: ['in_app'] }))).counts.delivered;
    expect(await reached({ everyone: true })).toBe(3);
    expect(await reached({ orderedWithinDays: 30 })).toBe(1);
    expect(await reached({ notOrderedForDays: 30 })).toBe(2);
    expect(await reached({ notOrderedForDays: 30, locale: 'hi' })).toBe(1);
  });

  it('that is cancelled before its time sends nothing, and its counts add up', async () => {
    const { userId } = aPerson();
    const campaign = await send({ userIds: [userId], sendAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect(campaign.status).toBe('scheduled');
    expect(await campaigns.cancelCampaign({ id: campaign.id })).toMatchObject({ status: 'cancelled', finishedAt: expect.any(String) });
    expect(await codeOf(campaigns.cancelCampaign({ id: campaign.id }))).toBe('notification.already_finished');
    expect(await codeOf(campaigns.cancelCampaign({ id: uuidv7() }))).toBe('not_found');
  });

  it('leads to its link, which is a value', async () => {
    const person = aPerson();
    await ended(await send({ userIds: [person.userId], data: { link: 'https://shop.test/sale?a=1&b=2' } }));
    expect((await firstIn(replicas[0] as Shop, person.email ?? '')).text).toContain('https://shop.test/sale?a=1&b=2');
  });

  it('whose words cannot be filled fails, and holds up nothing else', async () => {
    const [broken, sound] = [
      await send({ userIds: [aPerson().userId], sendAt: later() }),
      await send({ userIds: [aPerson().userId], sendAt: later() }),
    ];
    const { database } = replicas[0] as Shop;
    await database.execute(sql`UPDATE campaigns SET body = '{{constructor}}' WHERE id = ${broken.id}`);
    await database.execute(sql`UPDATE campaigns SET due_at = now() WHERE id = ANY(${[broken.id, sound.id]}::uuid[])`);
    expect((await ended(sound)).counts).toMatchObject({ sent: 1, delivered: 1 });
    expect((await ended(broken)).counts).toMatchObject({ failed: 2, sent: 0 });
  });

  it('that is cancelled lets go on what is being handed over', async () => {
    const campaign = await send({ userIds: [aPerson().userId], channels: ['email'], sendAt: later() });
    const [{ database, app, hears }] = replicas as [Shop, Shop];
    const id = uuidv7();
    await database.execute(sql`
      INSERT INTO outgoing (id, notification_id, campaign_id, category, channel, lane, due_at)
      VALUES (${id}, ${uuidv7()}, ${campaign.id}, 'orders', 'email', 'bulk', now() + interval '1 hour')`);
    let skipping: Promise<void> = Promise.resolve();
    await hears(async (transaction) => {
      await transaction.execute(sql`UPDATE outgoing SET state = 'sending' WHERE id = ${id}`);
      await campaigns.cancelCampaign({ id: campaign.id });
      skipping = app.get(CampaignRepository).skipCancelled();
      await eventually(() =>
        database.row(
          sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%cancelled%'`,
        ),
      );
    });
    await skipping;
    expect(await database.row(sql`SELECT state FROM outgoing WHERE id = ${id}`)).toEqual({ state: 'sending' });
  });

  it('whose receipt comes twice at once counts it once', async () => {
    const { userId } = aPerson();
    const campaign = await ended(await send({ userIds: [userId], channels: ['email'] }));
    const [{ app }] = replicas as [Shop, Shop];
    const [delivery] = await eventually(async () => {
      await app.get(Filing).fileDone();
      const { deliveries } = await app.get(NotificationStore).deliveries({ campaignId: campaign.id, limit: 1 });
      return deliveries.length === 1 && deliveries;
    });
    const receipts = app.get(Receipts);
    await Promise.all([1, 2, 3, 4].map(() => receipts.ofMail(`<${delivery?.notificationId}@shop.test>`, 'delivered')));
    const { counts } = await campaigns.campaign({ id: campaign.id });
    expect([counts.sent, counts.delivered]).toEqual([0, 1]);
  });

  it('with a long name in its words is shown, cut', async () => {
    const { userId } = aPerson({ name: 'नाम'.repeat(60) });
    await ended(await send({ userIds: [userId], channels: ['in_app'], title: '{{name}}, {{name}}', body: '{{name}}'.repeat(10) }));
    const { items } = await (replicas[0] as Shop).app.get(FeedHandlers).list({ userId, limit: 1 });
    expect([items[0]?.title.length, items[0]?.body.length, items[0]?.title.endsWith('…')]).toEqual([200, 1_000, true]);
  });

  it('with one idempotency key is one', async () => {
    const call = { ...by(), idempotency: { key: uuidv7(), route: 'POST /api/notifications', bodyHash: 'hash' } };
    const { userId } = aPerson();
    const [first, second] = await Promise.all([send({ userIds: [userId] }, call), send({ userIds: [userId] }, call)]);
    expect(first?.id).toBe(second?.id);
  });

  it.each<[string, Partial<SendCampaign>]>([
    ['nobody', {}],
    ['both users and a segment', { userIds: [uuidv7()], segment: { everyone: true } }],
    ['an empty segment', { segment: {} }],
    ['SMS', { userIds: [uuidv7()], channels: ['sms'] }],
    ['another variable than the name', { userIds: [uuidv7()], body: 'Hello {{phone}}' }],
    ['a variable in its data', { userIds: [uuidv7()], data: { link: 'https://shop.test/{{constructor}}' } }],
    ['a day too far ahead', { userIds: [uuidv7()], sendAt: new Date(Date.now() + 91 * 86_400_000).toISOString() }],
  ])('with %s is refused', async (_, fields) => {
    expect(await codeOf(send(fields))).toBe('validation_failed');
  });

  it('of support has 50 named users at most and no promotions', async () => {
    const fifty = Array.from({ length: 50 }, () => uuidv7());
    expect(await codeOf(send({ userIds: fifty }, by('support')))).toBe('ok');
    expect(await codeOf(send({ userIds: [...fifty, uuidv7()] }, by('support')))).toBe('forbidden');
    expect(await codeOf(send({ userIds: fifty, category: 'promotions' }, by('support')))).toBe('forbidden');
    expect(await codeOf(send({ segment: { everyone: true } }, by('support')))).toBe('forbidden');
  });
});
