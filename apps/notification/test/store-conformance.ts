import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, type describe, expect, it } from 'vitest';
import { CATEGORIES, UNREAD_COUNTED } from '#libs/contracts/notification/views';
import { eventually } from '#libs/testing/builders';
import {
  type DeliveryPage,
  type FeedPage,
  type KeptDelivery,
  type KeptNotification,
  type NotificationStore,
} from '../src/store/notification-store.ts';

/** What every store of notifications and deliveries does, whatever keeps its rows. */

const DAY_MS = 86_400_000;
const daysAgo = (days: number): number => Date.now() - days * DAY_MS;

export function aNotification(fields: Partial<KeptNotification> = {}, madeAt = Date.now()): KeptNotification {
  const createdAt = new Date(madeAt);
  return {
    ...{ id: uuidv7({ msecs: madeAt }), userId: uuidv7(), category: 'orders', template: 'order_confirmed', title: 'Confirmed' },
    ...{ body: 'Your order is confirmed: नमस्ते', data: { orderId: uuidv7() }, count: 1, readAt: null, createdAt },
    ...{ expiresAt: new Date(madeAt + 90 * DAY_MS), ...fields },
  };
}

export function aDelivery(fields: Partial<KeptDelivery> = {}, madeAt = Date.now()): KeptDelivery {
  const createdAt = new Date(madeAt);
  return {
    ...{ id: uuidv7({ msecs: madeAt }), notificationId: uuidv7(), campaignId: null, userId: uuidv7(), orderId: null },
    ...{ template: 'order_confirmed', version: 1, locale: 'en', channel: 'email', to: 'm***@example.com', state: 'sent', reason: null },
    ...{ attempts: [{ at: createdAt.toISOString(), provider: 'sandbox', outcome: 'sent' }], createdAt, updatedAt: createdAt, ...fields },
  };
}

const idsOf = (kept: readonly { readonly id: string }[]): string[] => kept.map(({ id }) => id);
const newestFirst = (ids: readonly string[]): string[] => [...ids].sort().reverse();

export interface OpenStore {
  readonly store: NotificationStore;
  close(): Promise<void>;
}

export function storeConformance(
  name: string,
  describeStore: typeof describe | typeof describe.skip,
  open: () => Promise<OpenStore>,
): void {
  describeStore(name, () => {
    let opened: OpenStore;
    let store: NotificationStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    }, 60_000);
    afterAll(() => opened?.close());

    const list = async (page: Partial<FeedPage> & Pick<FeedPage, 'userId'>): Promise<string[]> =>
      idsOf(await store.page({ limit: 100, ...page }));
    const unread = async (userId: string): Promise<number> => (await store.unread([userId])).get(userId) ?? -1;

    /** All pages of a list; `between` runs after each. */
    async function walk(page: Omit<FeedPage, 'before'>, between: () => Promise<unknown> = async () => undefined): Promise<string[]> {
      const seen: string[] = [];
      for (;;) {
        const found = await store.page({ ...page, before: seen.at(-1) });
        seen.push(...idsOf(found));
        if (found.length < page.limit) return seen;
        await between();
      }
    }

    describeStore('a list', () => {
      it('has each notification once, whole, however often it is added', async () => {
        const one = aNotification();
        await Promise.all([store.add([one]), store.add([one]), store.add([one, one])]);
        expect(await store.page({ userId: one.userId, limit: 10 })).toEqual([one]);
        expect(await store.find(one.userId, one.id)).toEqual(one);
        expect(await unread(one.userId)).toBe(1);
      });

      it('has of one that is added with different counts the fullest, in any order, until it is read', async () => {
        const one = aNotification();
        const fuller = { ...one, body: 'More', data: { orderId: 'another' }, count: 3 };
        const fullest = { ...fuller, body: 'Most', count: 400 };
        await store.add([fuller]);
        for (const added of [[one], [fullest, fuller], [fuller]]) await store.add(added);
        expect(await store.page({ userId: one.userId, limit: 10 })).toEqual([fullest]);
        const at = new Date();
        await store.read(one.userId, one.id, at);
        await store.add([{ ...fullest, count: 500 }]);
        expect(await store.find(one.userId, one.id)).toEqual({ ...fullest, readAt: at });
        expect(await unread(one.userId)).toBe(0);
      });

      it('is nobody else’s', async () => {
        const [mine, theirs] = [aNotification(), aNotification()];
        await store.add([mine, theirs]);
        expect(await list({ userId: mine.userId })).toEqual([mine.id]);
        expect(await store.find(theirs.userId, mine.id)).toBeUndefined();
        expect(await store.remove(theirs.userId, mine.id)).toBe(false);
        expect(await store.find(mine.userId, mine.id)).toEqual(mine);
      });

      it('pages newest first over weeks and months, none skipped and none twice while others come in', async () => {
        const userId = uuidv7();
        const made = Array.from({ length: 57 }, (_, index) => aNotification({ userId }, daysAgo(80) + index * 1.4 * DAY_MS));
        await store.add(made);
        const seen = await walk({ userId, limit: 10 }, () => store.add([aNotification({ userId })]));
        expect(seen).toEqual(newestFirst(idsOf(made)));
      });

      it('has no page after a full last one', async () => {
        const userId = uuidv7();
        await store.add(Array.from({ length: 6 }, () => aNotification({ userId })));
        expect(await walk({ userId, limit: 3 })).toHaveLength(6);
        expect(await list({ userId: uuidv7() })).toEqual([]);
      });

      it('is narrowed to a category, to unread ones, and to both', async () => {
        const userId = uuidv7();
        const made = Array.from({ length: 20 }, (_, index) =>
          aNotification({ userId, category: index % 3 === 0 ? 'chat' : 'orders' }, daysAgo(index * 3)),
        );
        await store.add(made);
        const read = made.filter((_, index) => index % 2 === 0);
        for (const { id } of read) await store.read(userId, id, new Date());
        for (const category of [undefined, 'chat', 'orders', 'wishlist'] as const) {
          const its = made.filter((one) => category === undefined || one.category === category);
          expect(await walk({ userId, category, limit: 4 })).toEqual(newestFirst(idsOf(its)));
          const itsUnread = its.filter((one) => !read.includes(one));
          expect(await walk({ userId, category, unread: true, limit: 4 })).toEqual(newestFirst(idsOf(itsUnread)));
        }
      });

      it('loses what has expired, and its count too', async () => {
        const userId = uuidv7();
        const [kept, short, late] = [
          aNotification({ userId }),
          aNotification({ userId, expiresAt: new Date(Date.now() + 2_000) }),
          aNotification({ userId, expiresAt: new Date(Date.now() - 1_000) }),
        ];
        await store.add([kept, short, late]);
        await eventually(async () => (await list({ userId })).length === 1 && (await unread(userId)) === 1);
        expect(await list({ userId, unread: true })).toEqual([kept.id]);
        expect([await store.find(userId, short.id), await store.find(userId, late.id)]).toEqual([undefined, undefined]);
      });
    });

    describeStore('reading', () => {
      it('is kept as of the first time, and adding again does not undo it', async () => {
        const one = aNotification();
        await store.add([one]);
        const first = new Date(Date.now() + 1_000);
        await store.read(one.userId, one.id, first);
        await store.read(one.userId, one.id, new Date(first.getTime() + 60_000));
        await store.readAll(one.userId, undefined, new Date(first.getTime() + 90_000));
        await store.add([one]);
        expect(await store.find(one.userId, one.id)).toEqual({ ...one, readAt: first });
        expect([await unread(one.userId), await list({ userId: one.userId, unread: true })]).toEqual([0, []]);
      });

      it('is not undone by a clock that is late', async () => {
        const one = aNotification({}, Date.now() + 10 * 60_000);
        await store.add([one]);
        await store.read(one.userId, one.id, new Date());
        await store.add([one]);
        expect(await unread(one.userId)).toBe(0);
        expect(await store.remove(one.userId, one.id)).toBe(true);
        expect(await list({ userId: one.userId })).toEqual([]);
      });

      it('of what is not there makes nothing', async () => {
        const userId = uuidv7();
        await store.read(userId, uuidv7(), new Date());
        await store.readAll(userId, undefined, new Date());
        expect([await list({ userId }), await unread(userId)]).toEqual([[], 0]);
      });

      it('of all ends at the newest that was seen', async () => {
        const userId = uuidv7();
        const made = Array.from({ length: 9 }, (_, index) =>
          aNotification({ userId, category: index % 2 ? 'chat' : 'orders' }, daysAgo(9 - index)),
        );
        await store.add(made);
        await store.readAll(userId, made[5]?.id, new Date());
        expect(await list({ userId, unread: true })).toEqual(newestFirst(idsOf(made.slice(6))));
        expect(await unread(userId)).toBe(3);
        await store.readAll(userId, undefined, new Date());
        expect(await unread(userId)).toBe(0);
        expect((await store.page({ userId, limit: 20 })).every(({ readAt }) => readAt !== null)).toBe(true);
      });

      it('counts unread ones up to a bound', async () => {
        const userId = uuidv7();
        await store.add(Array.from({ length: UNREAD_COUNTED + 5 }, () => aNotification({ userId })));
        expect(await unread(userId)).toBe(UNREAD_COUNTED);
        await store.readAll(userId, undefined, new Date());
        expect(await unread(userId)).toBe(0);
      });
    });

    it('removes once, also what is read or expired elsewhere', async () => {
      const [one, other] = [aNotification(), aNotification()];
      await store.add([one, other]);
      await store.read(one.userId, one.id, new Date());
      expect(await store.remove(one.userId, one.id)).toBe(true);
      expect(await store.remove(one.userId, one.id)).toBe(false);
      await store.read(one.userId, one.id, new Date());
      expect([await list({ userId: one.userId }), await list({ userId: one.userId, category: 'orders' })]).toEqual([[], []]);
      expect(await store.remove(other.userId, other.id)).toBe(true);
      expect([...(await store.unread([one.userId, other.userId])).values()]).toEqual([0, 0]);
    });

    it('counts what a recount counts, whatever was done before', async () => {
      const step = fc.oneof(
        fc.record({ does: fc.constant('add' as const), days: fc.integer({ min: 0, max: 80 }), category: fc.constantFrom(...CATEGORIES) }),
        fc.record({ does: fc.constantFrom('again', 'read', 'readAll', 'remove'), which: fc.nat(40) }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
          const userId = uuidv7();
          const model = new Map<string, { one: KeptNotification; isRead: boolean }>();
          for (const one of steps) {
            const chosen = 'which' in one ? [...model.values()].at(one.which % Math.max(1, model.size)) : undefined;
            if (one.does === 'add' && 'days' in one) {
              const made = aNotification({ userId, category: one.category }, daysAgo(one.days));
              model.set(made.id, { one: made, isRead: false });
              await store.add([made]);
            } else if (chosen !== undefined) {
              const { id } = chosen.one;
              if (one.does === 'again') await store.add([chosen.one]);
              if (one.does === 'read') await store.read(userId, id, new Date());
              if (one.does === 'readAll') await store.readAll(userId, id, new Date());
              if (one.does === 'remove') expect(await store.remove(userId, id)).toBe(true);
              if (one.does === 'read') chosen.isRead = true;
              if (one.does === 'readAll') for (const each of model.values()) each.isRead ||= each.one.id <= id;
              if (one.does === 'remove') model.delete(id);
            }
          }
          const open = [...model.values()].filter(({ isRead }) => !isRead).map(({ one }) => one.id);
          expect(await walk({ userId, limit: 7 })).toEqual(newestFirst([...model.keys()]));
          expect(await walk({ userId, unread: true, limit: 7 })).toEqual(newestFirst(open));
          expect(await unread(userId)).toBe(open.length);
        }),
        { numRuns: 8 },
      );
    }, 60_000);

    describeStore('the log of deliveries', () => {
      /** All pages of a question. */
      async function found(page: Omit<DeliveryPage, 'limit' | 'before'>, limit = 3): Promise<string[]> {
        const seen: string[] = [];
        for (let before: string | undefined; ; ) {
          const { deliveries, next } = await store.deliveries({ ...page, limit, before });
          expect(deliveries.length).toBeLessThanOrEqual(limit);
          seen.push(...idsOf(deliveries));
          if (next === undefined) return seen;
          before = next;
        }
      }

      it('has each delivery once, and only a newer state replaces an older one', async () => {
        const queued = aDelivery({ state: 'queued', attempts: [] });
        const later = (ms: number, fields: Partial<KeptDelivery>) => ({
          ...queued,
          ...fields,
          updatedAt: new Date(queued.updatedAt.getTime() + ms),
        });
        const [sent, delivered] = [later(1_000, { state: 'sent' }), later(2_000, { state: 'delivered', to: 'n***@example.com' })];
        for (let time = 0; time < 2; time += 1) await store.file([queued]);
        await store.file([delivered]);
        await Promise.all([store.file([sent]), store.file([queued]), store.file([delivered])]);
        for (const page of [{ notificationId: queued.notificationId }, { userId: queued.userId ?? '' }])
          expect(await store.deliveries({ ...page, limit: 10 })).toEqual({ deliveries: [delivered], next: undefined });
      });

      it('answers by notification, order, campaign and user, over months, page by page', async () => {
        const of = { notificationId: uuidv7(), orderId: uuidv7(), campaignId: uuidv7(), userId: uuidv7() };
        const made = Array.from({ length: 11 }, (_, index) => aDelivery(of, daysAgo(index * 30)));
        await store.file([...made, aDelivery(), aDelivery({ userId: null })]);
        for (const [key, value] of Object.entries(of)) expect(await found({ [key]: value })).toEqual(newestFirst(idsOf(made)));
        expect(await found({ userId: of.userId, orderId: uuidv7() })).toEqual([]);
        expect(await found({ userId: of.userId, orderId: of.orderId }, 100)).toHaveLength(11);
      });

      it('answers by template, channel and state, of one user and of all', async () => {
        const [userId, template] = [uuidv7(), `template_${uuidv7()}`];
        const made = Array.from({ length: 12 }, (_, index) =>
          aDelivery(
            {
              ...{ userId, template, channel: index % 2 ? 'email' : 'push', state: index % 3 ? 'sent' : 'failed' },
            },
            Date.now() - index * 60_000,
          ),
        );
        await store.file([...made, ...Array.from({ length: 5 }, () => aDelivery({ userId }))]);
        for (const narrowed of [{}, { userId }]) {
          expect(await found({ ...narrowed, template })).toEqual(newestFirst(idsOf(made)));
          expect(await found({ ...narrowed, template, channel: 'push', state: 'failed' })).toEqual(
            newestFirst(idsOf(made.filter(({ channel, state }) => channel === 'push' && state === 'failed'))),
          );
        }
        expect((await store.deliveries({ limit: 2 })).deliveries).toHaveLength(2);
      });
    });

    it('erases a user’s list and where their messages went, and nobody else’s', async () => {
      const [userId, other] = [uuidv7(), uuidv7()];
      const made = [0, 30, 60].map((days) => aDelivery({ userId, updatedAt: new Date() }, daysAgo(days)));
      const theirs = [aNotification({ userId: other }), aDelivery({ userId: other })] as const;
      await store.add([...[0, 30, 60].map((days) => aNotification({ userId }, daysAgo(days))), theirs[0]]);
      await store.file([...made, theirs[1]]);
      for (let time = 0; time < 2; time += 1) await store.erase(userId);
      // Filed again by a worker that did not hear that it was filed.
      await store.file(made);
      expect([await list({ userId }), await list({ userId, category: 'orders' }), await unread(userId)]).toEqual([[], [], 0]);
      const { deliveries } = await store.deliveries({ userId, limit: 10 });
      expect(deliveries).toEqual([...made].map((one) => ({ ...one, to: '' })));
      for (const { notificationId } of made)
        expect((await store.deliveries({ notificationId, limit: 10 })).deliveries.map(({ to }) => to)).toEqual(['']);
      expect(await list({ userId: other })).toEqual([theirs[0].id]);
      expect((await store.deliveries({ userId: other, limit: 10 })).deliveries).toEqual([theirs[1]]);
    });
  });
}
