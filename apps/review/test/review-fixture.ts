import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import type { Call, Role } from '#libs/contracts/call';
import { refuse } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { OrderDelivered } from '#libs/contracts/order/messages';
import type { Order } from '#libs/contracts/order/views';
import { productApi } from '#libs/contracts/product/api';
import { type EditReview, ReviewsOfProduct, type WriteReview } from '#libs/contracts/review/api';
import type { ProductReviews, Review } from '#libs/contracts/review/views';
import { storageApi } from '#libs/contracts/storage/api';
import type { File } from '#libs/contracts/storage/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { aCall, aUser, withKey } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/review.migrations.ts';
import { ModerationHandlers } from '../src/moderation.handlers.ts';
import { reviewEnv } from '../src/review.env.ts';
import { ReviewHandlers } from '../src/review.handlers.ts';
import { ReviewModule } from '../src/review.module.ts';
import { ReviewReactions } from '../src/review.reactions.ts';
import { VoiceHandlers } from '../src/voice.handlers.ts';

/** Two replicas of the review service on a database of the suite's own; auth, order and product are doubles. */

let scratch: ScratchDatabase;
export let replicas: NestFastifyApplication[] = [];
/** Names of people, Asha Rao unless said. */
export const names = new Map<string, string>();
export const withdrawn = new Set<string>();
/** Files that may be pictures of reviews. */
export const pictures = new Set<string>();
export const aPicture = (): string => {
  const id = uuidv7();
  pictures.add(id);
  return id;
};
export const orders = new Map<string, Order>();

export async function open(values: Record<string, string> = {}): Promise<void> {
  scratch = await scratchDatabase(migrations);
  replicas = await Promise.all(
    Array.from({ length: 2 }, () =>
      startTestService({
        service: 'review',
        module: ReviewModule,
        databaseUrl: scratch.url,
        redisUrl: process.env.TEST_REDIS_URL ?? '',
        environment: { declared: reviewEnv, values },
        peers: [
          fakePeer(authApi, {
            people: async ({ userIds }) => ({
              items: userIds.map((userId) => ({
                ...{ userId, name: names.get(userId) ?? 'Asha Rao', roles: ['customer'], disabled: false, verified: true },
                createdAt: new Date(0).toISOString(),
              })),
            }),
          }),
          fakePeer(productApi, {
            cards: async ({ refs }) => ({
              items: refs
                .filter(({ productId }) => !withdrawn.has(productId))
                .map(({ productId }) => ({
                  ...{
                    productId,
                    name: 'Kurta',
                    slug: 'kurta',
                    image: null,
                    price: 100,
                    mrp: 100,
                    availability: 'in_stock' as const,
                    priceVersion: 0,
                  },
                })),
            }),
          }),
          fakePeer(storageApi, {
            check: async ({ fileIds }) => ({
              files: fileIds.filter((id) => pictures.has(id)).map(pictureOf),
              unusable: fileIds.filter((id) => !pictures.has(id)),
            }),
            sign: async ({ fileIds }) => ({
              items: fileIds.map((id) => ({ id, url: `/signed/${id}`, expiresAt: new Date().toISOString() })),
            }),
          }),
          fakePeer(orderApi, {
            view: async ({ orderId }) => orders.get(orderId) ?? Promise.reject(refuse('not_found')),
          }),
        ],
      }),
    ),
  );
}

const pictureOf = (id: string): File => ({
  ...{ id, mime: 'image/jpeg', size: 1, hash: '0'.repeat(64), visibility: 'public', url: `/files/${id}`, urlExpiresAt: null, variants: [] },
  createdAt: new Date(0).toISOString(),
});

export async function close(): Promise<void> {
  await Promise.all(replicas.map((one) => one.close()));
  await scratch.drop();
}

export const replica = (index = 0): NestFastifyApplication => replicas[index] as NestFastifyApplication;
export const reviews = (index = 0): ReviewHandlers => replica(index).get(ReviewHandlers);
export const voices = (index = 0): VoiceHandlers => replica(index).get(VoiceHandlers);
export const staff = (index = 0): ModerationHandlers => replica(index).get(ModerationHandlers);
export const database = (): Database => replica().get(Database);

export const call = (userId?: string, role: Role = 'customer', key?: string): Call => withKey(aCall({ actor: aUser(userId, role) }), key);
export const write = (review: Partial<WriteReview> = {}, userId: string = uuidv7(), index = 0): Promise<Review> =>
  reviews(index).write({ productId: uuidv7(), rating: 5, body: 'Soft cotton, true colours', ...review }, call(userId));
export const edit = (review: EditReview, userId: string, index = 0): Promise<Review> => reviews(index).edit(review, call(userId));
export const moderate = (id: string, status: 'approved' | 'hidden', note?: string): Promise<Review> =>
  staff().moderate({ id, status, ...(note === undefined ? {} : { note }) }, call(undefined, 'support'));

export const page = (productId: string, query: Partial<ReviewsOfProduct> = {}): Promise<ProductReviews> =>
  reviews().ofProduct(Object.assign(new ReviewsOfProduct(), { productId, ...query }));
export const ids = async (productId: string, query: Partial<ReviewsOfProduct> = {}): Promise<string[]> =>
  (await page(productId, query)).items.map(({ id }) => id);

/** Tells the service that an order was delivered. */
export function deliver(userId: string, products: Record<string, string>, delivered: Partial<OrderDelivered> = {}): Promise<void> {
  const lines = Object.entries(products).map(([productId, size]) => ({ productId, variantId: uuidv7(), size }));
  const order: OrderDelivered = { orderId: uuidv7(), userId, lines, at: new Date().toISOString(), ...delivered };
  const delivery = { eventId: uuidv7(), version: 1, requestId: 'test' };
  return database().transaction((transaction) =>
    replica()
      .get(ReviewReactions)
      .onOrderDelivered(order, { ...delivery, transaction }),
  );
}

/** Events of a kind that have left or wait for their subscriber, oldest first. */
export async function published<Data>(event: string): Promise<Data[]> {
  const rows = await database().rows<{ payload: string }>(sql`SELECT payload FROM outbox WHERE event = ${event} ORDER BY id`);
  return rows.map(({ payload }) => JSON.parse(payload) as Data);
}
