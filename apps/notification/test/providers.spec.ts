import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aCallBy, eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { FcmDouble } from '../../../doubles/fcm/fcm-double.ts';
import { SmsDouble } from '../../../doubles/sms/sms-double.ts';
import { SmtpDouble } from '../../../doubles/smtp/smtp-double.ts';
import { Announcer } from '../src/announcer.ts';
import type { Template } from '../src/causes.ts';
import { Breaker } from '../src/delivery/breaker.ts';
import { pausesOf } from '../src/delivery/couriers.ts';
import { DeliveryHandlers } from '../src/delivery/delivery.handlers.ts';
import { hasLeft } from '../src/delivery/fcm-carrier.ts';
import type { Message } from '../src/delivery/outgoing.ts';
import { gupshup } from '../src/delivery/sms-providers.ts';
import { SmtpCarrier } from '../src/delivery/smtp-carrier.ts';
import { DeviceHandlers } from '../src/reach/device.handlers.ts';
import { SuppressionHandlers } from '../src/reach/suppression.handlers.ts';
import { TextHandlers } from '../src/texts/text.handlers.ts';
import { aDatabase, aPerson, openShop, type Shop } from './notification-fixture.ts';

/** Real adapters against doubles that speak the providers' protocols. */
const DLT_ID = '1107160000000000001';
let scratch: ScratchDatabase;
let shop: Shop;
let smtp: SmtpDouble;
let second: SmtpDouble;
let sms: SmsDouble;
let fcm: FcmDouble;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fcm-'));
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'ca.pem')],
  ]);
  [scratch, smtp, second, sms, fcm] = await Promise.all([
    aDatabase(),
    SmtpDouble.start(),
    SmtpDouble.start(),
    SmsDouble.start(),
    FcmDouble.start(readFileSync(join(folder, 'key.pem'), 'utf8'), readFileSync(join(folder, 'ca.pem'), 'utf8')),
  ]);
  shop = await openShop(scratch, {
    ...{ SMTP_URL: smtp.url, SMTP_FALLBACK_URL: second.url, MAIL_FROM: 'Only2U <shop@only2u.in>', DELIVERY_RETRY_SECONDS: '0,0,1' },
    ...{ SMS_PROVIDER: 'msg91', SMS_BASE_URL: sms.url, SMS_DLT_ENTITY_ID: '1101', MSG91_AUTH_KEY: 'a key of the suite' },
    ...{ FCM_ENDPOINT: fcm.url, FCM_CA_FILE: join(folder, 'ca.pem') },
  });
  await shop.app.get(TextHandlers).putText({
    ...{ key: 'order_delivered', locale: 'en', channel: 'sms', text: 'Order {{number}} is there.', dltTemplateId: DLT_ID },
  });
});
afterEach(() => {
  smtp.rules = [];
  second.rules = [];
  fcm.failures.clear();
});
afterAll(async () => {
  await shop?.app.close();
  await Promise.all([smtp?.stop(), second?.stop(), sms?.stop(), fcm?.stop(), scratch?.drop()]);
  rmSync(folder, { recursive: true });
});

const tell = (userId: string, template: Template = 'order_delivered', variables: Record<string, string> = {}) =>
  shop.hears(async (transaction) =>
    shop.app.get(Announcer).announce(transaction, {
      ...{ template, userId, data: { orderId: uuidv7() } },
      variables: { number: 'OU1', total: '₹10', link: 'https://shop.test', at: '2026-03-14T12:00:00Z', ...variables },
    }),
  );
const deliveryOf = async (userId: string, channel: 'email' | 'push' | 'sms', until: (state: string) => boolean = isOver) =>
  eventually(async () => {
    const { items } = await shop.app.get(DeliveryHandlers).deliveries({ userId, channel, limit: 5 });
    return items[0] !== undefined && until(items[0].state) && items[0];
  });
const isOver = (state: string): boolean => !['queued', 'sending', 'waiting'].includes(state);
const mailsTo = (address: string | null) => [...smtp.mails, ...second.mails].filter(({ recipients }) => recipients.includes(address ?? ''));

describe('mail by SMTP', () => {
  it('has one recipient, text and page, one id, and says that a machine wrote it', async () => {
    const person = aPerson({ name: 'Asha\r\nBcc: thief@example.com, ' });
    await tell(person.userId);
    expect(await deliveryOf(person.userId, 'email')).toMatchObject({ state: 'sent', attempts: [{ provider: 'smtp', outcome: 'sent' }] });
    const [mail] = mailsTo(person.email);
    expect(mail?.recipients).toEqual([person.email]);
    const head = mail?.source.slice(0, mail.source.indexOf('\r\n\r\n')) ?? '';
    for (const line of [/^Message-ID: <[0-9a-f-]{36}@only2u\.in>/im, /^Auto-Submitted: auto-generated/im, /multipart\/alternative/i])
      expect(head).toMatch(line);
    expect(head).not.toMatch(/^Bcc:|^List-Unsubscribe:/im);
  });

  it('is signed with what an unsubscribe button needs', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const dkim = { domainName: 'only2u.in', keySelector: 'k1', privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    const suppressions = { add: async () => undefined } as never;
    const carrier = new SmtpCarrier({ url: smtp.url, fallbackUrl: undefined, from: 'Only2U <shop@only2u.in>', dkim, suppressions });
    const to = `${uuidv7()}@example.com`;
    const message: Message = {
      ...{ id: uuidv7(), notificationId: uuidv7(), userId: uuidv7(), channel: 'email', template: 'price_drop', category: 'wishlist' },
      ...{
        locale: 'en',
        version: 1,
        to: [to],
        subject: 'Price drop',
        text: 'Kurta',
        html: '<p>Kurta</p>',
        data: {},
        count: 1,
        judgedCount: 1,
      },
      ...{ tries: 0, createdAt: new Date(), unsubscribe: 'https://only2u.in/api/notifications/unsubscribe?token=t' },
    };
    expect(await carrier.carry([message])).toEqual([{ state: 'sent', provider: 'smtp' }]);
    carrier.close();
    const head = mailsTo(to)[0]?.source.replace(/\r\n[ \t]+/g, ' ') ?? '';
    expect(head).toMatch(/^List-Unsubscribe: <https:\/\/only2u\.in\/api\/notifications\/unsubscribe\?token=t>$/im);
    expect(head).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/im);
    const signed = (/^DKIM-Signature:.*?; h=([^;]*)/im.exec(head)?.[1] ?? '').replace(/\s/g, '').toLowerCase().split(':');
    expect(signed).toEqual(expect.arrayContaining(['from', 'to', 'subject', 'message-id', 'list-unsubscribe', 'list-unsubscribe-post']));
  });

  it('that the first server cannot take goes by the second, with the same id', async () => {
    smtp.rules = [{ at: 'RCPT', answer: '451 later' }];
    const person = aPerson();
    await tell(person.userId);
    const { attempts } = await deliveryOf(person.userId, 'email');
    expect(attempts.map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ['smtp', 'again'],
      ['smtp-fallback', 'sent'],
    ]);
  });

  it('to an address that does not exist bounces, and silences it', async () => {
    smtp.rules = [{ at: 'RCPT', answer: '550 no such user' }];
    const person = aPerson();
    await tell(person.userId);
    expect(await deliveryOf(person.userId, 'email')).toMatchObject({ state: 'bounced' });
    expect((await shop.app.get(SuppressionHandlers).suppressions({ address: person.email ?? '', limit: 5 })).items).toHaveLength(1);
  });

  it('that is refused for what it says fails, and silences nobody', async () => {
    smtp.rules = [{ at: 'END', answer: '554 looks like spam' }];
    const person = aPerson();
    await tell(person.userId);
    expect(await deliveryOf(person.userId, 'email')).toMatchObject({ state: 'failed', attempts: [{ code: '554' }] });
    expect((await shop.app.get(SuppressionHandlers).suppressions({ address: person.email ?? '', limit: 5 })).items).toEqual([]);
  });

  it('whose hand-over is not answered is unknown, and not sent again', async () => {
    smtp.rules = [{ at: 'END', answer: 'hang' }];
    const person = aPerson();
    await tell(person.userId);
    expect(await deliveryOf(person.userId, 'email')).toMatchObject({ state: 'unknown' });
    expect(mailsTo(person.email)).toHaveLength(1);
  }, 60_000);
});

describe('a message that a provider cannot take', () => {
  it('is tried at once again for a code, and for a link after that as others are', () => {
    expect(pausesOf('otp', 'otp', [5, 30])).toEqual([1, 2, 4]);
    expect(pausesOf('otp', 'password_reset', [5, 30])).toEqual([1, 2, 4, 5, 30]);
    expect(pausesOf('bulk', null, [5, 30])).toEqual([5, 30]);
  });

  it('is tried again where no push can have left, and is unknown else', () => {
    const lost = (socket: object) => ({ code: 'app/network-timeout', message: 'timeout exceeded', cause: { request: { socket } } });
    expect(hasLeft({ code: 'app/invalid-credential', message: 'failed to fetch a valid Google OAuth2 access token' })).toBe(false);
    expect(hasLeft({ code: 'app/network-timeout', message: 'Error while making request: connect ETIMEDOUT 10.0.0.1:443.' })).toBe(false);
    expect(hasLeft(lost({ secureConnecting: true }))).toBe(false);
    expect(hasLeft(lost({ secureConnecting: false }))).toBe(true);
    expect(hasLeft({ code: 'app/network-error', message: 'socket hang up' })).toBe(true);
  });

  it('leaves its provider alone for a minute at most, and no longer than until it answers', () => {
    const breaker = new Breaker();
    breaker.failed(86_400);
    expect([breaker.restsFor() > 50, breaker.restsFor() <= 60]).toEqual([true, true]);
    breaker.answered();
    expect(breaker.restsFor()).toBe(0);
  });
});

describe('SMS', () => {
  it('carries its registered text with the ids of the registry', async () => {
    const person = aPerson();
    await tell(person.userId);
    expect(await deliveryOf(person.userId, 'sms')).toMatchObject({ state: 'sent' });
    expect(sms.taken.find(({ fields }) => fields.mobiles === person.phone?.slice(1))).toMatchObject({
      authKey: 'a key of the suite',
      fields: { message: 'Order OU1 is there.', DLT_TE_ID: DLT_ID, PE_ID: '1101' },
    });
  });

  it('whose text is not registered does not leave', async () => {
    const person = aPerson();
    await tell(person.userId, 'order_shipped', { tracking: '' });
    expect(await deliveryOf(person.userId, 'sms')).toMatchObject({ state: 'failed', attempts: [{ code: 'not_registered' }] });
  });

  it('waits as long as the provider asks', async () => {
    sms.failures.push({ status: 429, headers: { 'retry-after': '1' } });
    const person = aPerson();
    const began = performance.now();
    await tell(person.userId);
    const { attempts } = await deliveryOf(person.userId, 'sms');
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['again', 'sent']);
    expect(performance.now() - began).toBeGreaterThan(1_000);
  });

  it('goes by Gupshup in its words', () => {
    const account = { userId: '2000', password: 'secret', sender: 'ONLYTU', entityId: '1101' };
    const message = { to: ['+919845012345'], text: 'ऑर्डर', category: 'orders' } as never;
    const { url, init } = gupshup(account).request(message, DLT_ID);
    expect(url).toBe('https://enterprise.smsgupshup.com/GatewayAPI/rest');
    expect(Object.fromEntries(init.body as URLSearchParams)).toMatchObject({
      send_to: '919845012345',
      msg: 'ऑर्डर',
      msg_type: 'UNICODE_TEXT',
      dltTemplateId: DLT_ID,
    });
    expect(gupshup(account).read(200, '{"response":{"id":"77","status":"success"}}')).toEqual({ id: '77' });
    expect(gupshup(account).read(200, '{"response":{"id":"106","details":"bad number","status":"error"}}')).toEqual({ code: 'bad number' });
  });
});

describe('a push', () => {
  const withDevice = async () => {
    const person = aPerson();
    const token = `token-${uuidv7()}`;
    const call = aCallBy(person.userId);
    await shop.app.get(DeviceHandlers).registerToken({ token, platform: 'android', deviceId: 'phone' }, call);
    return { person, token, devices: async () => (await shop.app.get(DeviceHandlers).devices({}, call)).items.length };
  };

  it('carries title, text and ids to the device', async () => {
    const { person, token } = await withDevice();
    await tell(person.userId);
    expect(await deliveryOf(person.userId, 'push')).toMatchObject({ state: 'sent', attempts: [{ provider: 'fcm' }] });
    expect(fcm.pushed.find((one) => one.token === token)).toMatchObject({
      project: 'only2u-sandbox',
      notification: { title: 'Delivered' },
      data: { orderId: expect.any(String) },
    });
  });

  it.each<[string, Parameters<typeof fcm.failures.set>[1], number]>([
    ['UNREGISTERED', { status: 404, code: 'UNREGISTERED', details: 'FcmError' }, 0],
    ['INVALID_ARGUMENT of the token', { status: 400, code: 'INVALID_ARGUMENT', details: 'FcmError' }, 0],
    ['INVALID_ARGUMENT of what we sent', { status: 400, code: 'INVALID_ARGUMENT', details: 'BadRequest' }, 1],
    ['404 without a code', { status: 404, code: 'NOT_FOUND' }, 1],
  ])('answered by %s leaves %#', async (_, failure, left) => {
    const { person, token, devices } = await withDevice();
    fcm.failures.set(token, failure);
    await tell(person.userId);
    expect((await deliveryOf(person.userId, 'push')).state).toBe('failed');
    expect(await devices()).toBe(left);
  });

  it('answered by 403 keeps its token, whatever its details say', async () => {
    const { person, token, devices } = await withDevice();
    fcm.failures.set(token, { status: 403, code: 'INVALID_ARGUMENT', details: 'FcmError' });
    await tell(person.userId);
    await isTriedAgain(person.userId);
    expect(await devices()).toBe(1);
    fcm.failures.delete(token);
    expect(await deliveryOf(person.userId, 'push')).toMatchObject({ state: 'sent' });
  });

  it.each([401, 403, 429, 500, 503])(
    'answered by %i is tried again, once each time, and keeps its token',
    async (status) => {
      const { person, token, devices } = await withDevice();
      fcm.failures.set(token, { status, code: 'UNAVAILABLE' });
      await tell(person.userId);
      await eventually(async () => {
        const { items } = await shop.app.get(DeliveryHandlers).deliveries({ userId: person.userId, channel: 'push', limit: 1 });
        return (items[0]?.attempts.length ?? 0) > 0;
      });
      fcm.failures.delete(token);
      expect(await deliveryOf(person.userId, 'push')).toMatchObject({ state: 'sent' });
      expect([await devices(), fcm.pushed.filter((one) => one.token === token).length]).toEqual([1, 1]);
    },
    30_000,
  );

  const isTriedAgain = (userId: string) =>
    eventually(async () => {
      const { items } = await shop.app.get(DeliveryHandlers).deliveries({ userId, channel: 'push', limit: 1 });
      return items[0]?.attempts[0]?.outcome === 'again';
    });

  it('that has to wait for its device’s sake holds up no other', async () => {
    const [slow, other] = [await withDevice(), await withDevice()];
    fcm.failures.set(slow.token, { status: 429, code: 'QUOTA_EXCEEDED', retryAfter: 3_600 });
    await tell(slow.person.userId);
    await isTriedAgain(slow.person.userId);
    await tell(other.person.userId);
    expect(await deliveryOf(other.person.userId, 'push')).toMatchObject({ state: 'sent' });
  });

  // The last one, for the lane rests after it.
  it('of another lane leaves while a provider asks one lane to wait', async () => {
    const [slow, other] = [await withDevice(), await withDevice()];
    fcm.failures.set(slow.token, { status: 503, code: 'UNAVAILABLE', retryAfter: 3_600 });
    await tell(slow.person.userId);
    await isTriedAgain(slow.person.userId);
    await tell(other.person.userId, 'new_sign_in');
    expect(await deliveryOf(other.person.userId, 'push')).toMatchObject({ state: 'sent' });
  });
});
