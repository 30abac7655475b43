import { CATEGORIES, type Category, UNREAD_COUNTED } from '#libs/contracts/notification/views';
import type { Cassandra, CassandraPage, CassandraStatement } from '#libs/persistence/cassandra';
import { DeliveryLog } from './delivery-log.repository.ts';
import {
  type DeliveryList,
  type DeliveryPage,
  type FeedPage,
  type KeptDelivery,
  type KeptNotification,
  NotificationStore,
} from './notification-store.ts';
import { bucketOf, DAY_MS, gathered, inTurns, LAST_ID, newest, type Slice, secondsUntil, timeOf, WEEK_MS } from './time-buckets.ts';

/** Messages to Cassandra that are under way for one call of the store. */
const AT_ONCE = 32;
/** Notifications that are marked as read together. */
const READ_AT_ONCE = 20;
const AT_MOST = 500;
/** How long a user's week is known after its end: longer than any row in it. */
const WEEK_KNOWN_MS = 120 * DAY_MS;
/** Clocks may differ by so much, and what is erased stays so. */
const ERASED_AHEAD_MS = 3_600_000;
/** Microseconds within a millisecond; an entry that tells of more than so many counts no further. */
const FULLEST = 998;

interface Content {
  readonly category: Category;
  readonly template: string | null;
  readonly title: string;
  readonly body: string;
  readonly data: Record<string, string>;
  readonly count: number;
  readonly createdAt: string;
  readonly expiresAt: string;
}

interface Found extends KeptNotification {
  /** Seconds that Cassandra keeps it. */
  readonly ttl: number;
}

const CONTENT = 'id, content, reads, TTL(content) AS ttl';

const weekOf = (id: string): number => bucketOf(id, WEEK_MS);

/**
 * Microseconds. A row is written as of the moment in its id, and everything else about it later than that, whichever clock is late: so
 * adding again never undoes what was done since.
 */
const addedAt = (id: string): number => (timeOf(id) ?? 0) * 1_000;
const changedAt = (id: string, at: Date): number => Math.max(at.getTime(), (timeOf(id) ?? 0) + 1) * 1_000;

/** Both kinds of rows in Cassandra. The tables are in `migrations/notification.keyspace.ts`. */
export class CassandraStore extends NotificationStore {
  readonly #cassandra: Cassandra;
  readonly #log: DeliveryLog;

  constructor(cassandra: Cassandra) {
    super();
    this.#cassandra = cassandra;
    this.#log = new DeliveryLog(cassandra);
  }

  async add(notifications: readonly KeptNotification[]): Promise<void> {
    // Who adds repeats until it succeeds, so a half of them does no harm.
    await inTurns(notifications, AT_ONCE, async (one) => {
      if (one.count > 1 && (await this.find(one.userId, one.id))?.readAt) return;
      const statements = rowsOf(one);
      if (statements.length > 0) await this.#cassandra.write(statements, { allOrNone: false });
    });
  }

  page({ userId, unread, category, before = LAST_ID, limit }: FeedPage): Promise<KeptNotification[]> {
    return gathered(limit, before, async (from, atMost) => {
      if (unread === true) return this.#named(userId, await this.#unreadIds(userId, category, from, atMost), atMost);
      const weeks = await this.#weeks(userId, weekOf(from));
      if (category !== undefined) return this.#named(userId, await this.#idsOf(userId, category, weeks, from, atMost), atMost);
      const rows = await newest(weeks, atMost, async (week, some) =>
        this.#cassandra.execute(`SELECT ${CONTENT} FROM notifications WHERE user_id = ? AND week = ? AND id < ? LIMIT ?`, [
          userId,
          week,
          from,
          some,
        ]),
      );
      const last = rows.length < atMost ? undefined : String(rows.at(-1)?.id);
      return { rows: rows.flatMap((row) => foundOf(userId, row)).map(withoutTtl), last };
    });
  }

  async find(userId: string, id: string): Promise<KeptNotification | undefined> {
    const found = await this.#find(userId, id);
    return found === undefined ? undefined : withoutTtl(found);
  }

  async read(userId: string, id: string, at: Date): Promise<void> {
    const found = await this.#find(userId, id);
    if (found !== undefined && found.readAt === null) await this.#cassandra.write(readingOf(found, at), { allOrNone: true });
  }

  async readAll(userId: string, upTo: string | undefined, at: Date): Promise<void> {
    for (const category of CATEGORIES) {
      const unread = 'SELECT id FROM unread WHERE user_id = ? AND category = ? AND id <= ?';
      for (let from: string | undefined, isFirst = true; isFirst || from !== undefined; isFirst = false) {
        const page: CassandraPage = await this.#cassandra.page(unread, [userId, category, upTo ?? LAST_ID], AT_MOST, from);
        await this.#markRead(
          userId,
          category,
          page.rows.map(({ id }) => String(id)),
          at,
        );
        from = page.next;
      }
    }
  }

  async remove(userId: string, id: string): Promise<boolean> {
    const found = await this.#find(userId, id);
    if (found === undefined) return false;
    // Later than a reading at the same moment.
    const at = changedAt(id, new Date()) + 999;
    await this.#cassandra.write(
      [
        ['DELETE FROM notifications USING TIMESTAMP ? WHERE user_id = ? AND week = ? AND id = ?', [at, userId, weekOf(id), id]],
        [
          'DELETE FROM notifications_of_category USING TIMESTAMP ? WHERE user_id = ? AND category = ? AND week = ? AND id = ?',
          [at, userId, found.category, weekOf(id), id],
        ],
        ['DELETE FROM unread USING TIMESTAMP ? WHERE user_id = ? AND category = ? AND id = ?', [at, userId, found.category, id]],
      ],
      { allOrNone: true },
    );
    return true;
  }

  async unread(userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    await inTurns(userIds, AT_ONCE, async (userId) => {
      const rows = await this.#cassandra.execute('SELECT id FROM unread WHERE user_id = ? LIMIT ?', [userId, UNREAD_COUNTED]);
      counts.set(userId, rows.length);
    });
    return counts;
  }

  file(deliveries: readonly KeptDelivery[]): Promise<void> {
    return this.#log.file(deliveries);
  }

  async settle(delivery: KeptDelivery, state: string): Promise<boolean> {
    await this.#log.file([{ ...delivery, state, updatedAt: new Date() }]);
    return true;
  }

  deliveries(page: DeliveryPage): Promise<DeliveryList> {
    return this.#log.page(page);
  }

  async erase(userId: string): Promise<void> {
    const at = (Date.now() + ERASED_AHEAD_MS) * 1_000;
    const weeks = await this.#weeks(userId, weekOf(LAST_ID));
    await inTurns(weeks, AT_ONCE, async (week) => {
      await this.#cassandra.execute('DELETE FROM notifications USING TIMESTAMP ? WHERE user_id = ? AND week = ?', [at, userId, week]);
      for (const category of CATEGORIES)
        await this.#cassandra.execute(
          'DELETE FROM notifications_of_category USING TIMESTAMP ? WHERE user_id = ? AND category = ? AND week = ?',
          [at, userId, category, week],
        );
    });
    await this.#cassandra.execute('DELETE FROM unread USING TIMESTAMP ? WHERE user_id = ?', [at, userId]);
    await this.#log.eraseAddresses(userId);
    // Last, for an erasure that is repeated begins with them.
    await this.#cassandra.execute('DELETE FROM weeks USING TIMESTAMP ? WHERE user_id = ?', [at, userId]);
  }

  /** In which a user has anything, newest first. */
  async #weeks(userId: string, upTo: number): Promise<number[]> {
    const rows = await this.#cassandra.execute('SELECT week FROM weeks WHERE user_id = ? AND week <= ?', [userId, upTo]);
    return rows.map(({ week }) => Number(week));
  }

  async #markRead(userId: string, category: Category, ids: readonly string[], at: Date): Promise<void> {
    const found = new Map((await this.#rows(userId, ids)).map((one) => [one.id, one]));
    const statements = ids.map((id) => {
      const one = found.get(id);
      return one === undefined ? [noLongerUnread(userId, category, id, at)] : readingOf(one, at);
    });
    await inTurns(inParts(statements, READ_AT_ONCE), 4, (part) => this.#cassandra.write(part.flat(), { allOrNone: true }));
  }

  async #unreadIds(userId: string, category: Category | undefined, before: string, limit: number): Promise<string[]> {
    const lists = await Promise.all(
      (category === undefined ? CATEGORIES : [category]).map((one) =>
        this.#cassandra.execute('SELECT id FROM unread WHERE user_id = ? AND category = ? AND id < ? LIMIT ?', [
          userId,
          one,
          before,
          limit,
        ]),
      ),
    );
    const ids = lists.flatMap((rows) => rows.map(({ id }) => String(id)));
    return ids.sort().reverse().slice(0, limit);
  }

  async #idsOf(userId: string, category: Category, weeks: readonly number[], before: string, limit: number): Promise<string[]> {
    const rows = await newest(weeks, limit, (week, some) =>
      this.#cassandra.execute(
        'SELECT id FROM notifications_of_category WHERE user_id = ? AND category = ? AND week = ? AND id < ? LIMIT ?',
        [userId, category, week, before, some],
      ),
    );
    return rows.map(({ id }) => String(id));
  }

  async #named(userId: string, ids: readonly string[], atMost: number): Promise<Slice<KeptNotification>> {
    return { rows: (await this.#rows(userId, ids)).map(withoutTtl), last: ids.length < atMost ? undefined : ids.at(-1) };
  }

  /** Those that are still there, in the order of their ids. */
  async #rows(userId: string, ids: readonly string[]): Promise<Found[]> {
    const byWeek = Map.groupBy(ids, weekOf);
    const found = new Map<string, Found>();
    await inTurns([...byWeek], AT_ONCE, async ([week, its]) => {
      const rows = await this.#cassandra.execute(`SELECT ${CONTENT} FROM notifications WHERE user_id = ? AND week = ? AND id IN ?`, [
        userId,
        week,
        its,
      ]);
      for (const one of rows.flatMap((row) => foundOf(userId, row))) found.set(one.id, one);
    });
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  async #find(userId: string, id: string): Promise<Found | undefined> {
    return timeOf(id) === undefined ? undefined : (await this.#rows(userId, [id]))[0];
  }
}

/** What adding writes; nothing of what has expired. */
function rowsOf(one: KeptNotification): CassandraStatement[] {
  const { id, userId, category, expiresAt, createdAt, readAt: _readAt, ...words } = one;
  const [ttl, at, week] = [secondsUntil(expiresAt.getTime()), addedAt(id), weekOf(id)];
  // The fuller one is the later, and both are earlier than what is done to it a millisecond after.
  const fullness = Math.min(one.count - 1, FULLEST);
  if (ttl <= 0) return [];
  const content = JSON.stringify({ ...words, category, createdAt, expiresAt });
  return [
    ['INSERT INTO weeks (user_id, week) VALUES (?, ?) USING TTL ?', [userId, week, secondsUntil((week + 1) * WEEK_MS + WEEK_KNOWN_MS)]],
    [
      'INSERT INTO notifications (user_id, week, id, content) VALUES (?, ?, ?, ?) USING TTL ? AND TIMESTAMP ?',
      [userId, week, id, content, ttl, at + fullness],
    ],
    [
      'INSERT INTO notifications_of_category (user_id, category, week, id) VALUES (?, ?, ?, ?) USING TTL ? AND TIMESTAMP ?',
      [userId, category, week, id, ttl, at],
    ],
    ['INSERT INTO unread (user_id, category, id) VALUES (?, ?, ?) USING TTL ? AND TIMESTAMP ?', [userId, category, id, ttl, at]],
  ];
}

function readingOf({ userId, id, category, ttl }: Found, at: Date): CassandraStatement[] {
  return [
    [
      'UPDATE notifications USING TTL ? AND TIMESTAMP ? SET reads = reads + ? WHERE user_id = ? AND week = ? AND id = ?',
      [Math.max(1, ttl), changedAt(id, at), [at], userId, weekOf(id), id],
    ],
    noLongerUnread(userId, category, id, at),
  ];
}

const noLongerUnread = (userId: string, category: Category, id: string, at: Date): CassandraStatement => [
  'DELETE FROM unread USING TIMESTAMP ? WHERE user_id = ? AND category = ? AND id = ?',
  [changedAt(id, at), userId, category, id],
];

/** Nothing where only a reading is left, which came after the removal. */
function foundOf(userId: string, row: Readonly<Record<string, unknown>>): Found[] {
  if (typeof row.content !== 'string') return [];
  const { createdAt, expiresAt, ...words }: Content = JSON.parse(row.content);
  const ends = new Date(expiresAt);
  if (ends.getTime() <= Date.now()) return [];
  const reads = Array.isArray(row.reads) ? row.reads.map(Number) : [];
  const readAt = reads.length === 0 ? null : new Date(Math.min(...reads));
  return [{ ...words, id: String(row.id), userId, readAt, createdAt: new Date(createdAt), expiresAt: ends, ttl: Number(row.ttl) }];
}

const withoutTtl = ({ ttl: _ttl, ...one }: Found): KeptNotification => one;

function inParts<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
