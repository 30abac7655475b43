import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import type { DeviceSeen, Person, Registered } from '#libs/contracts/auth/messages';
import type { Call } from '#libs/contracts/call';
import { couponApi } from '#libs/contracts/coupon/api';
import type { CouponToIssue } from '#libs/contracts/coupon/messages';
import { refuse } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { OrderChanged } from '#libs/contracts/order/messages';
import type { Order } from '#libs/contracts/order/views';
import { paymentApi } from '#libs/contracts/payment/api';
import type { Referral, ReferralHold } from '#libs/contracts/referral/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { aCall, anAddress, aUser, eventually, withKey } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/referral.migrations.ts';
import { AnalysisHandlers } from '../src/analysis.handlers.ts';
import { CodeHandlers } from '../src/code.handlers.ts';
import { HoldHandlers } from '../src/hold.handlers.ts';
import { RedeemHandlers } from '../src/redeem.handlers.ts';
import { referralEnv } from '../src/referral.env.ts';
import { ReferralModule } from '../src/referral.module.ts';
import { ReferralReactions } from '../src/referral.reactions.ts';
import { StandingHandlers } from '../src/standing.handlers.ts';

/** Two replicas of the referral service on a database of the suite's own; auth, order, payment and coupon are doubles. */

let scratch: ScratchDatabase;
export let replicas: NestFastifyApplication[] = [];
export let database: Database;

/** What auth says of people; who is not named is Asha Rao, verified and just registered. */
export const people = new Map<string, Partial<Person>>();
/** Users who are gone, and whom nobody knows. */
export const gone = new Set<string>();
/** Pairs with one phone number or mailbox, as `a b`. */
export const sameContacts = new Set<string>();
/** Orders that were ever confirmed, by user. */
export const facts = new Map<string, OrderChanged[]>();
/** Users whose address is that of every order, and users who pay as every order was paid. */
export const sameAddress = new Set<string>();
export const sameInstrument = new Set<string>();
/** Services that do not answer. */
export const away = new Set<'auth' | 'order' | 'payment' | 'coupon'>();

interface Coupon extends CouponToIssue {
  readonly couponId: string;
  readonly code: string;
  isUsed: boolean;
  isWithdrawn: boolean;
}
/** Every coupon there is, by the name that it was issued under. */
export const coupons = new Map<string, Coupon>();
/** Names whose first answer is lost on the way. */
export const lostAnswers = new Set<string>();
export const couponsOf = (userId: string): Coupon[] => [...coupons.values()].filter((coupon) => coupon.userId === userId);

const answering =
  <Input, Answer>(service: 'auth' | 'order' | 'payment' | 'coupon', answer: (input: Input) => Answer) =>
  async (input: Input): Promise<Answer> => {
    if (away.has(service)) throw refuse('unavailable');
    return answer(input);
  };

function issue(asked: CouponToIssue): { couponId: string; code: string; endsAt: string } {
  const isLost = lostAnswers.delete(asked.userId);
  const coupon = coupons.get(asked.issueId) ?? {
    ...asked,
    couponId: uuidv7(),
    code: `C-${coupons.size}`,
    isUsed: false,
    isWithdrawn: false,
  };
  coupons.set(asked.issueId, coupon);
  if (isLost) throw refuse('timeout');
  return coupon;
}

function withdraw({ couponId }: { couponId: string }): { used: boolean } {
  const coupon = [...coupons.values()].find((one) => one.couponId === couponId);
  if (coupon === undefined) throw refuse('not_found');
  coupon.isWithdrawn = !coupon.isUsed;
  return { used: coupon.isUsed };
}

export const personOf = (userId: string): Person => ({
  ...{ userId, name: 'Asha Rao', roles: ['customer'], disabled: false, verified: true, createdAt: new Date().toISOString() },
  ...people.get(userId),
});

const peers = () => [
  fakePeer(authApi, {
    people: answering('auth', ({ userIds }: { userIds: string[] }) => ({ items: userIds.filter((id) => !gone.has(id)).map(personOf) })),
    sameContact: answering('auth', ({ userId, otherId }: { userId: string; otherId: string }) => ({
      same: sameContacts.has(`${userId} ${otherId}`),
    })),
    sameAddress: answering('auth', ({ userId }: { userId: string }) => ({ same: sameAddress.has(userId) })),
  }),
  fakePeer(orderApi, {
    factsOf: answering('order', ({ userId }: { userId: string }) => ({ items: facts.get(userId) ?? [] })),
    sameAddress: answering('order', () => ({ same: false })),
    view: answering('order', () => ({ shippingAddress: anAddress() }) as Order),
  }),
  fakePeer(paymentApi, {
    sameInstrument: answering('payment', ({ userId }: { userId: string }) => ({ same: sameInstrument.has(userId) })),
  }),
  fakePeer(couponApi, { issue: answering('coupon', issue), withdraw: answering('coupon', withdraw) }),
];

export const DEVICE_KEY = 'd'.repeat(48);

export async function open(values: Record<string, string> = {}): Promise<void> {
  scratch = await scratchDatabase(migrations);
  replicas = await Promise.all(
    Array.from({ length: 2 }, () =>
      startTestService({
        ...{ service: 'referral', module: ReferralModule, databaseUrl: scratch.url, redisUrl: process.env.TEST_REDIS_URL ?? '' },
        environment: { declared: referralEnv, values: { DEVICE_KEY, REFERRAL_VEST_SECONDS: '0', ...values } },
        peers: peers(),
      }),
    ),
  );
  database = replica().get(Database);
}

export async function close(): Promise<void> {
  await Promise.all(replicas.map((one) => one.close()));
  await scratch.drop();
}

export const replica = (index = 0): NestFastifyApplication => replicas[index] as NestFastifyApplication;
export const codes = (index = 0): CodeHandlers => replica(index).get(CodeHandlers);
export const redeeming = (index = 0): RedeemHandlers => replica(index).get(RedeemHandlers);
export const standing = (): StandingHandlers => replica().get(StandingHandlers);
export const analysis = (): AnalysisHandlers => replica().get(AnalysisHandlers);
export const holds = (index = 0): HoldHandlers => replica(index).get(HoldHandlers);

export const by = (userId: string, { key, device }: { key?: string; device?: string } = {}): Call =>
  withKey(aCall({ actor: aUser(userId), ...(device === undefined ? {} : { client: { ip: '::1', agent: '', device } }) }), key);
export const byAdmin = (): Call => aCall({ actor: aUser(undefined, 'admin') });

export const codeOf = async (userId: string): Promise<string> => (await codes().generate({ userId })).code;
export const redeem = async (referrerId: string, userId: string = uuidv7(), device?: string): Promise<Referral> =>
  redeeming().redeem({ code: await codeOf(referrerId) }, by(userId, device === undefined ? {} : { device }));
export const ownOf = (userId: string): Promise<Referral> => redeeming().own({ userId });
export const statusOf = async (userId: string): Promise<string> => (await ownOf(userId)).status;
export const becomes = (userId: string, status: Referral['status']): Promise<true> =>
  eventually(async () => (await statusOf(userId)) === status);
export const openHolds = async (): Promise<ReferralHold[]> => (await holds().holds({ limit: 100, status: 'held' })).items;
export const holdOn = async (referralId: string): Promise<ReferralHold | undefined> =>
  (await openHolds()).find((hold) => hold.referralId === referralId);

/** Nothing is left to do, not even later. */
export const atRest = (): Promise<true> =>
  eventually(
    async () =>
      (await database.row<{ rest: boolean }>(sql`SELECT NOT EXISTS (SELECT FROM tasks WHERE due_at < now() + interval '1 minute') AS rest`))
        ?.rest ?? false,
  );

type React = (
  reactions: ReferralReactions,
  delivery: { eventId: string; version: number; requestId: string; transaction: Transaction },
) => Promise<void>;

/** Tells the service of something, as the bus would. */
export const hear = (react: React, index = 0): Promise<void> =>
  replica(index)
    .get(Database)
    .transaction((transaction) =>
      react(replica(index).get(ReferralReactions), { eventId: uuidv7(), version: 1, requestId: 'test', transaction }),
    );

export const register = (registered: Partial<Registered> & { userId: string }, index = 0): Promise<void> =>
  hear((reactions, delivery) => reactions.onAuthRegistered({ at: new Date().toISOString(), ...registered }, delivery), index);
export const verify = (userId: string): Promise<void> =>
  hear((reactions, delivery) => reactions.onAuthContactVerified({ userId, kind: 'email', at: new Date().toISOString() }, delivery));
export const seeDevice = (userId: string, deviceId: string, seen: Partial<DeviceSeen> = {}): Promise<void> =>
  hear((reactions, delivery) => reactions.onAuthDeviceSeen({ userId, deviceId, at: new Date().toISOString(), ...seen }, delivery));
export const disable = (userId: string, disabled = true, version = 1): Promise<void> =>
  hear((reactions, delivery) =>
    reactions.onAuthAccountChanged({ userId, roles: ['customer'], disabled, version, at: new Date().toISOString() }, delivery),
  );
export const erase = (userId: string): Promise<void> =>
  hear((reactions, delivery) => reactions.onAuthErased({ userId, at: new Date().toISOString() }, delivery));
export const tellOrder = (changes: readonly OrderChanged[], index = 0): Promise<void> =>
  hear((reactions, { transaction }) => reactions.onOrderChanged(changes, { transaction }), index);

/** How an order of a user stands after its n-th change. */
export function anOrder(userId: string, version: number, change: Partial<OrderChanged> = {}): OrderChanged {
  const status = change.status ?? 'confirmed';
  return {
    ...{ orderId: uuidv7(), userId, number: 'O2U-26-000001', version, cause: 'status', previousStatus: status, status },
    ...{ paymentStatus: 'paid', paymentMethod: 'razorpay', total: 250_000, kept: 250_000, openReturn: false, at: new Date().toISOString() },
    ...change,
  };
}

/** An order on its way: each step is kept by the order service and told. */
export class Purchase {
  readonly orderId = uuidv7();
  private last: OrderChanged;

  constructor(readonly userId: string) {
    this.last = anOrder(userId, 0, { orderId: this.orderId, status: 'pending_payment' });
  }

  /** The next change, kept by the order service and not told yet. */
  next(change: Partial<OrderChanged>): OrderChanged {
    const { status: previousStatus, version } = this.last;
    this.last = { ...this.last, previousStatus, ...change, version: version + 1 };
    facts.set(this.userId, [...(facts.get(this.userId) ?? []).filter(({ orderId }) => orderId !== this.orderId), this.last]);
    return this.last;
  }

  async to(change: Partial<OrderChanged>): Promise<void> {
    await tellOrder([this.next(change)]);
  }

  confirm = (): Promise<void> => this.to({ status: 'confirmed' });
  deliver = (at = new Date()): Promise<void> => this.to({ status: 'delivered', deliveredAt: at.toISOString() });
  giveBack = (kept = 0): Promise<void> => this.to({ status: 'returned', kept, openReturn: false });
}

/** A friend whose order was delivered; the reward is due at once. */
export async function friendWithParcel(referrerId: string): Promise<{ friend: string; purchase: Purchase }> {
  const friend = uuidv7();
  await redeem(referrerId, friend);
  const purchase = new Purchase(friend);
  await purchase.confirm();
  await purchase.deliver();
  return { friend, purchase };
}

/** Events of a kind that have left or wait for their subscriber, oldest first. */
export async function published<Data>(event: string): Promise<Data[]> {
  const rows = await database.rows<{ payload: string }>(
    sql`SELECT payload::text AS payload FROM outbox WHERE event = ${event} ORDER BY id`,
  );
  return rows.map(({ payload }) => JSON.parse(payload) as Data);
}
