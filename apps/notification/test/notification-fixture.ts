import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import type { Contact, MessageDue } from '#libs/contracts/auth/messages';
import { cartApi } from '#libs/contracts/cart/api';
import { chatApi } from '#libs/contracts/chat/api';
import type { InputOf } from '#libs/contracts/contract';
import { notFound, refuse } from '#libs/contracts/errors';
import { feedbackApi } from '#libs/contracts/feedback/api';
import { orderApi } from '#libs/contracts/order/api';
import type { Order } from '#libs/contracts/order/views';
import { reviewApi } from '#libs/contracts/review/api';
import { wishlistApi } from '#libs/contracts/wishlist/api';
import type { StillHolds } from '#libs/contracts/wishlist/messages';
import { SecretTexts } from '#libs/messaging/secret-texts';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { type KeptMessage, readDevInbox } from '#libs/runtime/dev-inbox';
import { eventually } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService, TEST_BUS_SECRET } from '#libs/testing/test-service';
import { migrations } from '../migrations/notification.migrations.ts';
import { LIMITS_REDIS } from '../src/delivery/inbox-carrier.ts';
import { notificationEnv } from '../src/notification.env.ts';
import { NotificationModule } from '../src/notification.module.ts';

/** Replicas of the notification service on a database of the suite's own; the services that it asks are doubles. */

/** Who auth knows. */
export const people = new Map<string, Contact>();

/** Who of them works for the shop. */
export const staff = new Set<string>();

/** What order answers, and when users last bought something. */
export const orders = new Map<string, Order>();
export const lastOrders = new Map<string, { userId: string; at: string }>();
/** Products of an order that review would still ask about. */
export const reviewable = new Map<string, string[]>();
export const cartVersion = { current: 'v1', awayFor: new Set<string>() };

export function aPerson(fields: Partial<Contact> = {}): Contact {
  const userId = uuidv7();
  const person = {
    ...{
      userId,
      email: `person-${userId}@example.com`,
      emailVerified: true,
      phone: aPhone(),
      phoneVerified: true,
      name: 'Meera',
      disabled: false,
    },
    ...fields,
  };
  people.set(person.userId, person);
  return person;
}

let phones = 0;
export const aPhone = (): string => `+9198${String(10_000_000 + Math.floor(Math.random() * 1_000_000) * 50 + phones++).padStart(8, '0')}`;

export interface Shop {
  readonly app: NestFastifyApplication;
  readonly database: Database;
  /** What the sandbox has kept for an address, the newest first. */
  inbox(to: string): Promise<KeptMessage[]>;
  /** Runs a reaction as the bus does. */
  hears(work: (transaction: Transaction) => Promise<void>): Promise<void>;
}

/** What wishlist says of alerts; of all others, that they hold. */
export const holding = new Map<string, StillHolds>();

/** What is unread in chat threads, by user and thread. */
export const unreadChats = new Map<string, number>();

/** Who wants to hear no more of feedback, and of which. */
export const unsubscribed = new Set<string>();

export async function openShop(scratch: ScratchDatabase, values: Record<string, string> = {}): Promise<Shop> {
  const app = await startTestService({
    service: 'notification',
    module: NotificationModule,
    databaseUrl: scratch.url,
    redisUrl: process.env.TEST_REDIS_URL ?? '',
    environment: { declared: notificationEnv, values },
    settings: { PUBLIC_URL: 'https://shop.test' },
    peers: [
      fakePeer(orderApi, {
        view: async ({ orderId }) => orders.get(orderId) ?? Promise.reject(notFound()),
        lastOrders: async ({ userIds }) => ({ items: userIds.flatMap((userId) => lastOrders.get(userId) ?? []) }),
      }),
      fakePeer(cartApi, {
        snapshot: async ({ userId }) => {
          if (cartVersion.awayFor.has(userId)) throw refuse('unavailable');
          return { version: cartVersion.current, lines: [] };
        },
      }),
      fakePeer(reviewApi, { toAskFor: async ({ orderId }) => ({ productIds: reviewable.get(orderId) ?? [] }) }),
      fakePeer(wishlistApi, { stillHolds: async ({ alertId }) => holding.get(alertId) ?? { holds: true } }),
      fakePeer(feedbackApi, {
        stillWants: async ({ feedbackId, userId }) => ({ wanted: !unsubscribed.has(`${feedbackId} ${userId}`) }),
      }),
      fakePeer(chatApi, {
        unreadOf: async ({ userId, threadId }) => ({ read: 0, unread: unreadChats.get(`${userId} ${threadId}`) ?? 0 }),
      }),
      fakePeer(authApi, {
        staff: async () => ({ userIds: [...staff] }),
        accounts: async ({ after, limit }) => {
          const ids = [...people.keys()].sort().filter((id) => after === undefined || id > after);
          return { userIds: ids.slice(0, limit), next: ids.length > limit ? (ids[limit - 1] ?? null) : null };
        },
        contacts: async ({ userIds }: InputOf<typeof authApi.operations.contacts>) => ({
          items: userIds.flatMap((id) => people.get(id) ?? []),
        }),
      }),
    ],
  });
  const database = app.get(Database);
  return {
    app,
    database,
    inbox: (to) => readDevInbox(app.get(LIMITS_REDIS), to),
    hears: (work) => database.transaction(work),
  };
}

export const aDatabase = (): Promise<ScratchDatabase> => scratchDatabase(migrations);

/** The message that auth has written, its secret closed. */
export function aMessageDue(fields: Partial<MessageDue>, secret: string): MessageDue {
  const messageId = uuidv7();
  return {
    ...{
      messageId,
      template: 'otp',
      channel: 'sms',
      to: aPhone(),
      sealed: new SecretTexts({ present: TEST_BUS_SECRET }).close(messageId, secret),
    },
    ...{ expiresAt: new Date(Date.now() + 5 * 60_000).toISOString(), ...fields },
  };
}

export const firstIn = (shop: Shop, to: string): Promise<KeptMessage> => eventually(async () => (await shop.inbox(to))[0]);
