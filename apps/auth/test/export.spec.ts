import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cartApi } from '#libs/contracts/cart/api';
import { chatApi } from '#libs/contracts/chat/api';
import { couponApi } from '#libs/contracts/coupon/api';
import { refuse } from '#libs/contracts/errors';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import { feedbackApi } from '#libs/contracts/feedback/api';
import { notificationApi } from '#libs/contracts/notification/api';
import { orderApi } from '#libs/contracts/order/api';
import { paymentApi } from '#libs/contracts/payment/api';
import { productApi } from '#libs/contracts/product/api';
import { referralApi } from '#libs/contracts/referral/api';
import { reviewApi } from '#libs/contracts/review/api';
import { storageApi } from '#libs/contracts/storage/api';
import { wishlistApi } from '#libs/contracts/wishlist/api';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { Sweeper } from '#libs/persistence/sweep';
import { anAddress, codeOf, eventually } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer } from '#libs/testing/test-service';
import { migrations } from '../migrations/auth.migrations.ts';
import { AddressHandlers } from '../src/address.handlers.ts';
import { ConsentHandlers } from '../src/consent.handlers.ts';
import { ErasureHandlers } from '../src/erasure.handlers.ts';
import { ExportHandlers } from '../src/export.handlers.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';
import { anonymous, as, bootAuth, newAddress, newKey, PASSWORD } from './auth-fixture.ts';

let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let database: Database;
let exports: ExportHandlers;
/** Whose parts make the archive. */
const SERVICES = [
  'auth',
  'cart',
  'chat',
  'coupon',
  'feedback',
  'notification',
  'order',
  'payment',
  'product',
  'referral',
  'review',
  'storage',
  'wishlist',
];
let isPaymentAway = false;
const asked: string[] = [];

const answers =
  (name: string) =>
  async ({ userId }: ExportAsked): Promise<ExportPart> => {
    asked.push(`${name} ${userId}`);
    return { content: JSON.stringify([{ from: name, userId }]), next: null };
  };
/** Two pages. */
const orders = async ({ userId, cursor }: ExportAsked): Promise<ExportPart> =>
  cursor === undefined
    ? { content: JSON.stringify([{ order: 1, userId }, { order: 2 }]), next: 'more' }
    : { content: JSON.stringify([{ order: 3 }]), next: null };

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey() }, [
    fakePeer(orderApi, { exportOf: orders }),
    fakePeer(cartApi, { exportOf: answers('cart') }),
    fakePeer(couponApi, { exportOf: async () => ({ content: '[]', next: null }) }),
    fakePeer(notificationApi, { exportOf: answers('notification') }),
    fakePeer(reviewApi, { exportOf: answers('review') }),
    fakePeer(chatApi, { exportOf: answers('chat') }),
    fakePeer(feedbackApi, { exportOf: answers('feedback') }),
    fakePeer(referralApi, { exportOf: answers('referral') }),
    fakePeer(wishlistApi, { exportOf: answers('wishlist') }),
    fakePeer(storageApi, { exportOf: answers('storage') }),
    fakePeer(productApi, { exportOf: answers('product') }),
    fakePeer(paymentApi, {
      exportOf: async (input) => {
        if (isPaymentAway) throw refuse('unavailable');
        return answers('payment')(input);
      },
    }),
  ]);
  database = app.get(Database);
  exports = app.get(ExportHandlers);
});
afterAll(async () => {
  await app.close();
  await scratch.drop();
});

const register = (): Promise<Issued> =>
  app.get(SignInHandlers).register({ email: newAddress(), password: PASSWORD, name: 'Asha' }, anonymous());
const finished = (id: string, who: Issued): Promise<string> => eventually(async () => (await exports.exportStatus({ id }, as(who))).url);
const fetched = async (url: string): Promise<Record<string, unknown[]>> => {
  const { pathname, searchParams } = new URL(url);
  const { body } = await exports.fetchExport({ id: pathname.split('/').at(-1) ?? '', key: searchParams.get('key') ?? '' });
  return JSON.parse(String(body));
};

describe('the archive of what the shop has of somebody', () => {
  it('has the part of every service, all pages of it, and what auth has itself', async () => {
    const who = await register();
    await app.get(AddressHandlers).addAddress(anAddress({ line1: '99, Export Street' }), as(who));
    const { id } = await exports.requestExport({}, as(who));
    const archive = await fetched(await finished(id, who));
    expect(Object.keys(archive).sort()).toEqual(SERVICES);
    expect(archive.order).toEqual([{ order: 1, userId: who.user.id }, { order: 2 }, { order: 3 }]);
    expect([archive.cart, archive.coupon]).toEqual([[{ from: 'cart', userId: who.user.id }], []]);
    expect(archive.auth).toMatchObject([
      {
        account: { id: who.user.id, email: who.user.email },
        addresses: [{ line1: '99, Export Street' }],
        sessions: [{ device: 'suite' }],
        consents: [{ purpose: 'account', granted: true }],
        passkeys: [],
        history: expect.arrayContaining([expect.objectContaining({ action: 'registered' })]),
      },
    ]);
    expect(JSON.stringify(archive)).not.toContain('argon2');
    expect(await exports.exportStatus({ id }, as(who))).toMatchObject({ status: 'done', done: SERVICES.length, of: SERVICES.length });
  });

  it('waits for a service that is away, and does not ask the others again', async () => {
    const who = await register();
    isPaymentAway = true;
    const { id } = await exports.requestExport({}, as(who));
    await eventually(async () => (await exports.exportStatus({ id }, as(who))).done === SERVICES.length - 1);
    expect((await exports.requestExport({}, as(who))).id).toBe(id);
    isPaymentAway = false;
    await finished(id, who);
    expect(asked.filter((one) => one === `cart ${who.user.id}`)).toHaveLength(1);
  });

  it('is its owner’s alone: by their link, which nobody else can guess, for an hour', async () => {
    const [who, other] = [await register(), await register()];
    const { id } = await exports.requestExport({}, as(who));
    const url = await finished(id, who);
    expect(await codeOf(exports.exportStatus({ id }, as(other)))).toBe('not_found');
    expect(await codeOf(exports.fetchExport({ id, key: 'x'.repeat(43) }))).toBe('not_found');
    expect(await codeOf(exports.fetchExport({ id: uuidv7(), key: new URL(url).searchParams.get('key') ?? '' }))).toBe('not_found');
    await database.execute(sql`UPDATE exports SET done_at = now() - interval '61 minutes' WHERE id = ${id}`);
    expect([await codeOf(fetched(url)), await codeOf(exports.exportStatus({ id }, as(who)))]).toEqual(['not_found', 'not_found']);
    await app.get(Sweeper).sweep();
    expect(await database.row(sql`SELECT 1 FROM export_parts WHERE export_id = ${id}`)).toBeUndefined();
  });

  it('goes with the account', async () => {
    const who = await register();
    const { id } = await exports.requestExport({}, as(who));
    const url = await finished(id, who);
    await app.get(ErasureHandlers).eraseMe({ password: PASSWORD }, as(who));
    expect(await codeOf(fetched(url))).toBe('not_found');
  });
});

describe('what somebody agrees to', () => {
  it('is kept with the version of the text, each time; the account’s own cannot be withdrawn without it', async () => {
    const [who, consents] = [await register(), app.get(ConsentHandlers)];
    const { items } = await consents.consents({}, as(who));
    expect(items.map(({ purpose, granted, agreedVersion }) => [purpose, granted, agreedVersion])).toEqual([
      ['account', true, 1],
      ['marketing', false, undefined],
    ]);
    const set = (purpose: string, granted: boolean, version = 1) => consents.setConsent({ purpose, granted, version }, as(who));
    expect(await set('marketing', true)).toMatchObject({ granted: true, agreedVersion: 1, at: expect.any(String) });
    expect(await set('marketing', false)).toMatchObject({ granted: false });
    expect([await codeOf(set('marketing', true, 2)), await codeOf(set('account', false)), await codeOf(set('other', true))]).toEqual([
      ...['auth.consent_text_changed', 'auth.consent_needed', 'not_found'],
    ]);
    const rows = await database.rows<{ granted: boolean }>(
      sql`SELECT granted FROM consents WHERE user_id = ${who.user.id} AND purpose = 'marketing' ORDER BY id`,
    );
    expect(rows.map(({ granted }) => granted)).toEqual([true, false]);
  });
});
