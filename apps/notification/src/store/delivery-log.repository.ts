import type { Cassandra, CassandraStatement } from '#libs/persistence/cassandra';
import { millisecondsOf } from '#libs/persistence/retention';
import { retention } from '../../migrations/notification.retention.ts';
import type { DeliveryList, DeliveryPage, KeptDelivery } from './notification-store.ts';
import { bucketOf, DAY_MS, inTurns, LAST_ID, newest, secondsUntil } from './time-buckets.ts';

const AT_ONCE = 32;
const KEPT_MS = millisecondsOf(retention.deliveries.keptFor);
/** How long a bucket is known after its rows. */
const KNOWN_MS = 30 * DAY_MS;
/** Buckets that a page knows of at once; further ones are asked for when these are at their end. */
const BUCKETS = 64;
/** Deliveries that a page looks at to find those of a template, channel or state; the next page goes on behind them. */
const LOOKED_AT = 5_000;
const CHUNK = 500;
/** The key of the log that has all. */
const WHOLE_SHOP = '00000000-0000-0000-0000-000000000000';

interface Log {
  /** A table of its own, `deliveries_of_…`. */
  readonly name: 'notification' | 'order' | 'campaign' | 'user' | 'shop';
  /** So much time is in one partition: some 50,000 rows of a campaign to everybody. */
  readonly bucketMs: number;
  readonly of: (one: Pick<DeliveryPage, 'notificationId' | 'orderId' | 'campaignId' | 'userId'>) => string | undefined;
}

/** The narrowest first: a question is answered from the first that it names. */
const LOGS: readonly [...Log[], Log] = [
  { name: 'notification', bucketMs: KEPT_MS, of: ({ notificationId }) => notificationId },
  { name: 'order', bucketMs: KEPT_MS, of: ({ orderId }) => orderId },
  { name: 'campaign', bucketMs: 10_000, of: ({ campaignId }) => campaignId },
  { name: 'user', bucketMs: 30 * DAY_MS, of: ({ userId }) => userId },
  { name: 'shop', bucketMs: 60_000, of: () => WHOLE_SHOP },
];

/** What became of each message: whole in the log of each thing that it is asked for by, because Cassandra joins nothing. */
export class DeliveryLog {
  readonly #cassandra: Cassandra;

  constructor(cassandra: Cassandra) {
    this.#cassandra = cassandra;
  }

  /** `later`: microseconds by which this counts as newer than the delivery says. */
  async file(deliveries: readonly KeptDelivery[], later = 0): Promise<void> {
    // Who files repeats until it succeeds, so a half does no harm.
    await inTurns(deliveries, AT_ONCE, async (delivery) => {
      const statements = rowsOf(delivery, later);
      if (statements.length > 0) await this.#cassandra.write(statements, { allOrNone: false });
    });
  }

  async page({ before = LAST_ID, limit, ...asked }: DeliveryPage): Promise<DeliveryList> {
    const log = LOGS.find((one) => one.of(asked) !== undefined) ?? LOGS[0];
    const of = log.of(asked) ?? WHOLE_SHOP;
    const isAsked = (one: KeptDelivery): boolean => matches(one, asked);
    const deliveries: KeptDelivery[] = [];
    let from = before;
    for (let lookedAt = 0; lookedAt < LOOKED_AT; ) {
      const wanted = lookedAt === 0 ? limit + 1 : CHUNK;
      const rows = await this.#newest(log, of, from, wanted);
      deliveries.push(...rows.filter(isAsked));
      if (deliveries.length > limit) return { deliveries: deliveries.slice(0, limit), next: deliveries[limit - 1]?.id };
      if (rows.length < wanted) return { deliveries, next: undefined };
      lookedAt += rows.length;
      from = rows.at(-1)?.id ?? from;
    }
    return { deliveries, next: from };
  }

  async eraseAddresses(userId: string): Promise<void> {
    for (let before: string | undefined = LAST_ID; before !== undefined; ) {
      const { deliveries, next }: DeliveryList = await this.page({ userId, before, limit: CHUNK });
      // A microsecond newer, so that filing the same delivery again does not bring the address back.
      await this.file(
        deliveries.filter(({ to }) => to !== '').map((one) => ({ ...one, to: '' })),
        1,
      );
      before = next;
    }
  }

  async #newest({ name, bucketMs }: Log, of: string, before: string, limit: number): Promise<KeptDelivery[]> {
    const found: KeptDelivery[] = [];
    for (let upTo = bucketOf(before, bucketMs); found.length < limit; ) {
      const rows = await this.#cassandra.execute(
        'SELECT bucket FROM delivery_buckets WHERE log = ? AND subject = ? AND bucket <= ? LIMIT ?',
        [name, of, Math.min(upTo, LAST_BUCKET), BUCKETS],
      );
      const buckets = rows.map(({ bucket }) => Number(bucket));
      found.push(
        ...(await newest(buckets, limit - found.length, async (bucket, some) => {
          const its = await this.#cassandra.execute(
            `SELECT delivery FROM deliveries_of_${name} WHERE subject = ? AND bucket = ? AND id < ? LIMIT ?`,
            [of, bucket, before, some],
          );
          return its.map((row) => deliveryOf(String(row.delivery)));
        })),
      );
      if (buckets.length < BUCKETS) break;
      upTo = (buckets.at(-1) ?? 0) - 1;
    }
    return found;
  }
}

/** Of an `int`. */
const LAST_BUCKET = 2_147_483_647;

function rowsOf(delivery: KeptDelivery, later: number): CassandraStatement[] {
  const { id, createdAt, updatedAt, notificationId, ...one } = delivery;
  const ttl = secondsUntil(createdAt.getTime() + KEPT_MS);
  if (ttl <= 0) return [];
  const asked = {
    notificationId,
    orderId: one.orderId ?? undefined,
    campaignId: one.campaignId ?? undefined,
    userId: one.userId ?? undefined,
  };
  return LOGS.flatMap(({ name, bucketMs, of }): CassandraStatement[] => {
    const key = of(asked);
    if (key === undefined) return [];
    const bucket = bucketOf(id, bucketMs);
    return [
      [
        'INSERT INTO delivery_buckets (log, subject, bucket) VALUES (?, ?, ?) USING TTL ?',
        [name, key, bucket, secondsUntil((bucket + 1) * bucketMs + KEPT_MS + KNOWN_MS)],
      ],
      [
        `INSERT INTO deliveries_of_${name} (subject, bucket, id, delivery) VALUES (?, ?, ?, ?) USING TTL ? AND TIMESTAMP ?`,
        [key, bucket, id, JSON.stringify(delivery), ttl, updatedAt.getTime() * 1_000 + later],
      ],
    ];
  });
}

function deliveryOf(text: string): KeptDelivery {
  const one: Omit<KeptDelivery, 'createdAt' | 'updatedAt'> & { readonly createdAt: string; readonly updatedAt: string } = JSON.parse(text);
  return { ...one, createdAt: new Date(one.createdAt), updatedAt: new Date(one.updatedAt) };
}

const FIELDS = ['notificationId', 'orderId', 'campaignId', 'userId', 'template', 'channel', 'state'] as const;

const matches = (one: KeptDelivery, asked: Omit<DeliveryPage, 'limit' | 'before'>): boolean =>
  FIELDS.every((field) => asked[field] === undefined || asked[field] === one[field]);
