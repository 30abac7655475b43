import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNELS, type Channel, LOCALES } from '#libs/contracts/notification/views';
import { codeOf } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { Announcer } from '../src/announcer.ts';
import { CAUSES, type Template } from '../src/causes.ts';
import type { Outgoing } from '../src/delivery/outgoing.ts';
import { PreferenceHandlers } from '../src/reach/preference.handlers.ts';
import { en } from '../src/texts/en.ts';
import { hi } from '../src/texts/hi.ts';
import { TextHandlers } from '../src/texts/text.handlers.ts';
import { isRegistered, MissingVariable, rendered, type Wording } from '../src/texts/text.ts';
import { valuesOf } from '../src/texts/values.ts';
import { aDatabase, aPerson, firstIn, openShop, type Shop } from './notification-fixture.ts';

let scratch: ScratchDatabase;
let shop: Shop;
let texts: TextHandlers;

beforeAll(async () => {
  scratch = await aDatabase();
  shop = await openShop(scratch);
  texts = shop.app.get(TextHandlers);
});
afterAll(async () => {
  await shop?.app.close();
  await scratch?.drop();
});

describe('the texts that come with the service', () => {
  it('are one in use for each template, language and channel, and can all be filled', async () => {
    const { items } = await texts.templates();
    for (const { key, variables, versions } of items) {
      const { channels } = CAUSES[key as keyof typeof CAUSES];
      const inUse = versions.filter(({ active }) => active).map(({ locale, channel }) => `${locale} ${channel}`);
      expect(inUse.sort(), key).toEqual(LOCALES.flatMap((locale) => channels.map((channel) => `${locale} ${channel}`)).sort());
      const data = Object.fromEntries([...variables, 'others', 'minutes', 'hours', 'count'].map((name) => [name, `<${name}>`]));
      for (const { text, html, subject } of versions) {
        const whole = rendered({ text, ...(html === undefined ? {} : { html }), ...(subject === undefined ? {} : { subject }) }, data);
        expect(`${whole.subject}${whole.text}${whole.html}`).not.toContain('{{');
        expect(whole.html ?? '').not.toContain('<link>');
      }
    }
  });

  it('in Hindi are in Devanagari', async () => {
    const { items } = await texts.templates();
    for (const { key, versions } of items)
      for (const { locale, text } of versions.filter((one) => one.locale === 'hi' && !/^\{\{\w+\}\}(: \{\{\w+\}\})?$/.test(one.text)))
        expect(text, `${key} ${locale}`).toMatch(/[\u0900-\u097f]/);
  });
});

describe('a text with a number, a time or further products in it', () => {
  const said = (locale: 'en' | 'hi', template: Template, fields: Partial<Outgoing>): string => {
    const wordings: Readonly<Record<string, Partial<Record<Channel, Wording>>>> = { en, hi }[locale];
    const created_at = new Date('2026-03-14T12:00:00Z');
    const one = { variables: {}, count: 1, created_at, expires_at: null, ...fields } as Outgoing;
    return rendered(wordings[template]?.push ?? { text: '' }, valuesOf(one, locale, 'मीरा')).text;
  };

  it('reads well with one as with many', () => {
    expect(said('hi', 'chat_unread', { variables: { count: '1' } })).toBe('बिना पढ़े संदेश: 1।');
    expect(said('hi', 'back_in_stock', { variables: { product: 'कुर्ता' }, count: 4 })).toBe(
      'कुर्ता की बिक्री फिर से शुरू हो गई है। आपकी विशलिस्ट से 3 ख़बरें और हैं।',
    );
    expect(said('en', 'price_drop', { variables: { product: 'Kurta', price: '₹999' }, count: 2 })).toBe(
      'Kurta: now ₹999. There is one more piece of news from your wishlist.',
    );
    expect(said('hi', 'cart_abandoned', { variables: { items: '1' } })).toBe('आपके कार्ट में रखा सामान (1) अब भी वहीं है।');
    expect(said('en', 'cart_abandoned', { variables: { items: '3' } })).toBe('What you left in your cart is still there. Items: 3.');
  });

  it.each(['password_changed', 'new_sign_in'] as const)('says “को” once where %s tells the time in Hindi', (template) => {
    const text = said('hi', template, { variables: { at: '2026-03-14T12:35:00Z' } });
    expect(text).toMatch(/^14 मार्च 2026 को 6:05 pm बजे /);
    expect(text).not.toContain('बजे को');
  });
});

describe('a text of an admin’s', () => {
  const put = (fields: Partial<Parameters<TextHandlers['putText']>[0]>) =>
    texts.putText({
      key: 'order_delivered',
      locale: 'en',
      channel: 'sms',
      text: 'Order {{number}} is there. - Only2U',
      dltTemplateId: '1107160000000000001',
      ...fields,
    });

  it('is in use at once, with its registered id, and the one before can be used again', async () => {
    const person = aPerson();
    const before = (await texts.template({ key: 'order_delivered' })).versions.find(
      (one) => one.active && one.locale === 'en' && one.channel === 'sms',
    );
    const added = await put({});
    expect(added).toMatchObject({ active: true, locale: 'en', channel: 'sms' });
    await shop.hears(async (transaction) =>
      shop.app
        .get(Announcer)
        .announce(transaction, { template: 'order_delivered', userId: person.userId, variables: { number: 'OU1', link: 'x', total: 'y' } }),
    );
    expect(await firstIn(shop, person.phone ?? '')).toMatchObject({
      text: 'Order OU1 is there. - Only2U',
      dltTemplateId: '1107160000000000001',
    });
    expect(await texts.activateText({ key: 'order_delivered', version: before?.version ?? 0 })).toMatchObject({ active: true });
    const { versions } = await texts.template({ key: 'order_delivered' });
    expect(versions.find(({ version }) => version === added.version)?.active).toBe(false);
  });

  it.each<[string, Partial<Parameters<TextHandlers['putText']>[0]>]>([
    ['has a variable that there is not', { text: 'Order {{number}} of {{customer}}' }],
    ['has what looks like a variable and is none', { text: 'Order {{number}} of {{order_id}} {{}}' }],
    ['lacks one that it needs', { text: 'Your order is there' }],
    ['is an SMS without the id it is registered with', { dltTemplateId: undefined as never }],
    ['is for a channel that the template has not', { key: 'otp', channel: 'email', subject: 'Code', text: '{{code}}' }],
  ])('is refused where it %s', async (_, fields) => {
    expect(await codeOf(put(fields))).toBe('notification.bad_template');
  });

  it('that has no page gets one, for a mail has both', async () => {
    await put({
      key: 'order_delivered',
      channel: 'email',
      subject: '{{number}} is there',
      text: 'Dear {{name}},\n\nyour <{{number}}> is there.',
    });
    const data = { name: 'Asha & Co', number: 'OU1' };
    const { html } = await texts.testText({ key: 'order_delivered', locale: 'en', channel: 'email', data });
    for (const part of ['<h1', 'OU1 is there', 'Dear Asha &amp; Co,</p>', 'your &lt;OU1&gt; is there.</p>']) expect(html).toContain(part);
  });

  it('is what a Hindi reader gets by SMS where it is the only registered one', async () => {
    const person = aPerson();
    await shop.app.get(PreferenceHandlers).setPreferences({ userId: person.userId, locale: 'hi' });
    await put({ key: 'order_shipped', text: 'Order {{number}} has left. - Only2U' });
    await shop.hears(async (transaction) =>
      shop.app.get(Announcer).announce(transaction, {
        ...{ template: 'order_shipped', userId: person.userId },
        variables: { number: 'OU1', link: 'x', total: 'y', tracking: '' },
      }),
    );
    expect(await firstIn(shop, person.phone ?? '')).toMatchObject({ locale: 'en', text: 'Order OU1 has left. - Only2U' });
    expect(await firstIn(shop, person.email ?? '')).toMatchObject({ locale: 'hi' });
  });

  it('is tested with values, and says which one is missing', async () => {
    const test = (data: Record<string, string>) => texts.testText({ key: 'otp', locale: 'en', channel: 'sms', data });
    expect((await test({ code: '123456', minutes: '5' })).text).toContain('123456');
    expect(await codeOf(test({ minutes: '5' }))).toBe('notification.missing_variable');
    expect(await codeOf(texts.testText({ key: uuidv7(), locale: 'en', channel: 'sms', data: {} }))).toBe('not_found');
  });
});

describe('a value', () => {
  it('is text and nothing else: neither a variable, nor markup, nor a line of a header', () => {
    const wording = { subject: 'For {{name}}', text: 'Hello {{name}}', html: '<p>{{name}}</p>' };
    expect(rendered(wording, { name: '{{code}} <b>&\r\nBcc: x' })).toEqual({
      subject: 'For {{code}} <b>& Bcc: x',
      text: 'Hello {{code}} <b>&\r\nBcc: x',
      html: '<p>{{code}} &lt;b&gt;&amp;\r\nBcc: x</p>',
    });
  });

  it('is one that was given: no name stands for anything of the language’s own', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty'])
      expect(() => rendered({ text: `{{${name}}}` }, {})).toThrow(MissingVariable);
  });

  it('fits its place in a registered SMS, or the SMS does not leave', () => {
    expect(isRegistered('Order OU1 (new) is there.', 'Order {{number}} (new) is there.')).toBe(true);
    expect(isRegistered('Order OU1 (new) is there!', 'Order {{number}} (new) is there.')).toBe(false);
    expect(isRegistered(`Order ${'x'.repeat(31)} (new) is there.`, 'Order {{number}} (new) is there.')).toBe(false);
    expect(CHANNELS).toContain('sms');
  });
});
