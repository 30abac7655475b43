import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import type { Call, Role } from '#libs/contracts/call';
import { refuse } from '#libs/contracts/errors';
import type { FeedbackQueueQuery, SendFeedback } from '#libs/contracts/feedback/api';
import type { Feedback, StaffFeedback } from '#libs/contracts/feedback/views';
import { orderApi } from '#libs/contracts/order/api';
import type { Order } from '#libs/contracts/order/views';
import { productApi } from '#libs/contracts/product/api';
import { storageApi } from '#libs/contracts/storage/api';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { aCall, aUser, withKey } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/feedback.migrations.ts';
import { AnswerHandlers } from '../src/answer.handlers.ts';
import { feedbackEnv } from '../src/feedback.env.ts';
import { FeedbackHandlers } from '../src/feedback.handlers.ts';
import { FeedbackModule } from '../src/feedback.module.ts';
import { MergeHandlers } from '../src/merge.handlers.ts';
import { StaffHandlers } from '../src/staff.handlers.ts';
import { VoiceHandlers } from '../src/voice.handlers.ts';

/** Two replicas of the feedback service on a database of the suite's own; auth, order and product are doubles. */

export const MEERA = uuidv7();
export const ORDER = { orderId: uuidv7(), ownedBy: MEERA, number: 'O2U-26-000123', status: 'delivered' };
export const PRODUCT = { productId: uuidv7(), name: 'Indigo kurta' };
/** Support and admins. */
export const staff = new Set<string>([uuidv7(), uuidv7()]);
export const [SUPPORT = '', ADMIN = ''] = staff;

/** Files that may be used, whether storage answers, and how often it was asked to keep some. */
export const pictures = new Set<string>();
export const storage = { isAway: false, checks: 0 };
/** How often auth was asked who works here. */
export const auth = { asked: 0 };

let scratch: ScratchDatabase;
export let replicas: NestFastifyApplication[] = [];
export let feedback: FeedbackHandlers;
export let answers: AnswerHandlers;
export let voices: VoiceHandlers;
export let merges: MergeHandlers;
export let queue: StaffHandlers;
export let database: Database;

export async function open(values: Readonly<Record<string, string>> = { RATE_LIMIT_SCALE: '1000' }): Promise<void> {
  scratch = await scratchDatabase(migrations);
  replicas = await Promise.all(
    Array.from({ length: 2 }, () =>
      startTestService({
        service: 'feedback',
        module: FeedbackModule,
        databaseUrl: scratch.url,
        redisUrl: process.env.TEST_REDIS_URL ?? '',
        environment: { declared: feedbackEnv, values },
        peers: [
          fakePeer(authApi, {
            people: async ({ userIds }) => {
              auth.asked += 1;
              return { items: userIds.filter((userId) => staff.has(userId)).map(personOf) };
            },
            staff: async () => ({ userIds: [...staff] }),
          }),
          fakePeer(orderApi, {
            view: async ({ orderId, userId }) => {
              if (orderId !== ORDER.orderId || userId !== ORDER.ownedBy) throw refuse('not_found');
              return { number: ORDER.number, status: ORDER.status } as Order;
            },
          }),
          fakePeer(storageApi, {
            check: async ({ fileIds }) => {
              storage.checks += 1;
              return { files: [], unusable: fileIds.filter((id) => !pictures.has(id)) };
            },
            sign: async ({ fileIds, seconds }) => {
              if (storage.isAway) throw refuse('unavailable');
              return { items: fileIds.map((id) => ({ id, url: `/files/${id}?seconds=${seconds}`, expiresAt: new Date().toISOString() })) };
            },
          }),
          fakePeer(productApi, {
            cards: async ({ refs }) => ({ items: refs.filter(({ productId }) => productId === PRODUCT.productId).map(cardOf) }),
          }),
        ],
      }),
    ),
  );
  const [replica] = replicas as [NestFastifyApplication];
  feedback = replica.get(FeedbackHandlers);
  answers = replica.get(AnswerHandlers);
  voices = replica.get(VoiceHandlers);
  merges = replica.get(MergeHandlers);
  queue = replica.get(StaffHandlers);
  database = replica.get(Database);
}

export async function close(): Promise<void> {
  await Promise.all(replicas.map((one) => one.close()));
  await scratch?.drop();
}

const personOf = (userId: string) => ({
  ...{ userId, name: 'Staff', roles: ['support'], disabled: false, verified: true, createdAt: new Date().toISOString() },
});
const cardOf = ({ productId }: { productId: string }) => ({
  ...{
    productId,
    name: PRODUCT.name,
    slug: 'indigo-kurta',
    image: null,
    price: 100,
    mrp: 100,
    availability: 'in_stock' as const,
    priceVersion: 0,
  },
});

export const by = (userId: string, role: Role = 'customer', key?: string): Call => withKey(aCall({ actor: aUser(userId, role) }), key);
export const bySupport = (key?: string): Call => by(SUPPORT, 'support', key);

/** Different texts each time, so that nothing is held as repeated. */
export const aFeedback = (fields: Partial<SendFeedback> = {}): SendFeedback => ({
  ...{ category: 'bug', subject: 'The app stops at checkout', message: `After the address nothing happens, ${uuidv7()}`, ...fields },
});
export const send = (userId: string = uuidv7(), fields: Partial<SendFeedback> = {}): Promise<Feedback> =>
  feedback.send(aFeedback(fields), by(userId));
export const seenByStaff = async (id: string): Promise<StaffFeedback> => (await feedback.view({ id }, bySupport())) as StaffFeedback;
export const seenByAuthor = ({ id, userId }: Feedback) => feedback.view({ id }, by(userId ?? ''));
export const listed = (filters: Partial<FeedbackQueueQuery> = {}) => queue.queue({ limit: 20, sort: 'newest', ...filters });
export const titled = (one: Feedback, publicTitle: string | null = 'Checkout stops') => queue.change({ id: one.id, publicTitle });

/** Events that wait for their subscribers, oldest first. */
export const published = async <Data>(event: string): Promise<Data[]> =>
  (await database.rows<{ payload: string }>(sql`SELECT payload::text AS payload FROM outbox WHERE event = ${event} ORDER BY id`)).map(
    ({ payload }) => JSON.parse(payload) as Data,
  );
