import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { CassandraStatement } from '#libs/persistence/cassandra';
import { DatabaseUnavailable } from '#libs/persistence/database-errors';
import type { BenchCassandra } from '../cassandra.ts';
import { costOf, httpLoad, inTurn, median, medianBy, medianLatency, medianRate, medianTotal, type Sample, sampleOf } from '../load.ts';
import { type Findings, type Found, type Goal, ms, type Scenario, type Setting, type Stage, whole } from '../scenario.ts';
import type { Customer, Shop } from '../shop.ts';

const CONNECTIONS = 8;
const REQUESTS = 1_200;
const PAGE = 20;
/** The newest ones; all others are read. */
const UNREAD = 1_000;
const LIMIT = 1.1;
/** Pages of 100 in front of the deep one. */
const PAGES_BEFORE = 50;
const MESSAGES = 2_000;
const READERS = 20;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Everything lies in the last of the 90 days for which lists are kept. */
const SPAN_MS = 80 * DAY_MS;

const PROCESSES = ['gateway', 'notification', 'postgres', 'cassandra', 'redis'];

const sizesOf = (setting: Setting): readonly number[] => (setting.quick ? [1_000, 50_000] : [1_000, 1_000_000]);
const caseOf = (rows: number): string => `${whole(rows)} notifications`;
const deepOf = (rows: number): string => `${caseOf(rows)}, behind ${whole(PAGES_BEFORE * 100)}`;
const TOLD = 'told';

/** One customer's list while it has few and many rows, and messages that come into lists; in Postgres and in Cassandra. */
export const feed = scenarioOn('feed', undefined);
export const feedOnCassandra = scenarioOn('feed-cassandra', { cassandra: true });

function scenarioOn(name: string, options: Scenario['shop']): Scenario {
  return {
    name,
    topologies: ['separate'],
    shop: { only: ['gateway', 'notification'], ...options },
    stages: async (shop, setting) => {
      const [customer] = await shop.customers(1);
      if (customer === undefined) throw new Error('no customer could be registered');
      const { id: userId } = await customer.buyer.ask<{ id: string }>('GET', '/api/auth/me');
      const made = new Date();
      let stored = 0;
      const sizes = sizesOf(setting);
      const pages = sizes.map((size, index): Stage => {
        const isLast = index === sizes.length - 1;
        let deep = '';
        const sample = (cursor: string): Promise<Sample> =>
          loadOf(shop, customer, `/api/notifications/user/me?limit=${PAGE}${cursor && `&cursor=${cursor}`}`);
        return {
          rounds: 4,
          cases: [caseOf(size), ...(isLast ? [deepOf(size)] : [])],
          warmUp: async () => {
            await (shop.cassandra === undefined
              ? fillPostgres(shop, userId, stored, size)
              : fillCassandra(shop.cassandra, userId, made, stored, size));
            stored = size;
            if (isLast) deep = await cursorBehind(customer);
            // A Cassandra that has just been filled may be late with its first answers.
            await sample('').catch(() => undefined);
            await sample('');
          },
          sample: (one) => sample(one === deepOf(size) ? deep : ''),
        };
      });
      return [...pages, await messages(shop)];
    },
    report,
  };
}

async function loadOf(shop: Shop, { token }: Customer, path: string): Promise<Sample> {
  return sampleOf(shop.pids, () =>
    httpLoad({
      url: shop.url,
      connections: CONNECTIONS,
      seconds: 0,
      requests: Array.from({ length: REQUESTS }, () => ({ path })),
      headers: { authorization: `Bearer ${token}` },
    }),
  );
}

async function cursorBehind({ buyer }: Customer): Promise<string> {
  let cursor = '';
  for (let page = 0; page < PAGES_BEFORE; page += 1) {
    const path = `/api/notifications/user/me?limit=100${cursor && `&cursor=${cursor}`}`;
    const { nextCursor } = await buyer.ask<{ nextCursor: string | null }>('GET', path);
    cursor = nextCursor ?? '';
  }
  return cursor;
}

/** Messages for lists as the announcer writes them; the couriers do the rest, once a message to one reader has woken them. */
async function messages(shop: Shop): Promise<Stage> {
  const readers = await shop.customers(READERS);
  const userIds = await Promise.all(readers.map(async ({ buyer }) => (await buyer.ask<{ id: string }>('GET', '/api/auth/me')).id));
  const send = async (): Promise<number> => {
    await inPostgres(shop, async (database) => {
      await database.query(
        `INSERT INTO outgoing (id, notification_id, user_id, template, category, channel, lane, variables)
         SELECT uuidv7(), uuidv7(), ($1::uuid[])[1 + n % $2::int], 'password_changed', 'account', 'in_app', 'transactional', $3::jsonb
         FROM generate_series(1, $4::int) AS n`,
        [userIds, READERS, JSON.stringify({ at: '2026-11-24T10:00:00.000Z' }), MESSAGES],
      );
      const waking = { category: 'orders', title: 'Hello', body: 'You have messages', userIds: userIds.slice(0, 1), channels: ['in_app'] };
      await shop.admin.buyer.ask('POST', '/api/notifications', waking);
      for (let left = MESSAGES; left > 0; await sleep(100)) {
        const { rows } = await database.query<{ left: number }>('SELECT count(*)::int AS left FROM outgoing');
        left = rows[0]?.left ?? 0;
      }
    });
    return MESSAGES;
  };
  return { rounds: 3, cases: [TOLD], warmUp: async () => void (await send()), sample: () => costOf(shop.pids, send) };
}

async function inPostgres(shop: Shop, work: (database: pg.Client) => Promise<unknown>): Promise<void> {
  const database = new pg.Client(shop.stack.databaseUrl('notification', 'owner'));
  await database.connect();
  try {
    await work(database);
  } finally {
    await database.end();
  }
}

const WORDS = {
  ...{ category: 'promotions', template: 'price_drop', title: 'A lower price', body: 'A kurta on your list costs ₹1,299 now.' },
  ...{ data: { link: '/products/kurta' }, count: 1 },
};

/** Rows `stored` to `size` − 1 of the list, the first the newest. */
function fillPostgres(shop: Shop, userId: string, stored: number, size: number): Promise<void> {
  const { category, template, title, body, data } = WORDS;
  return inPostgres(shop, async (database) => {
    await database.query(
      `INSERT INTO notifications (user_id, id, category, template, title, body, data, read_at, created_at, expires_at)
       SELECT $1, uuidv7(at - now()), $2, $3, $4, $5, $6, CASE WHEN n >= $7::int THEN at END, at, at + interval '90 days'
       FROM generate_series($8::int, $9::int - 1) AS n, LATERAL (SELECT now() - make_interval(secs => $10::float8 * n / $9::int) AS at) AS made`,
      [userId, category, template, title, body, JSON.stringify(data), UNREAD, stored, size, SPAN_MS / 1_000],
    );
    await database.query('VACUUM ANALYZE notifications');
  });
}

/** The same, many rows of a partition at once. */
async function fillCassandra({ connect }: BenchCassandra, userId: string, made: Date, stored: number, size: number): Promise<void> {
  const cassandra = connect();
  const ttl = (85 * DAY_MS) / 1_000;
  const rowsOf = (n: number): { week: number; statements: CassandraStatement[] } => {
    const at = new Date(made.getTime() - (SPAN_MS * n) / size);
    const [id, week] = [uuidv7({ msecs: at.getTime() }), Math.floor(at.getTime() / WEEK_MS)];
    const content = JSON.stringify({ ...WORDS, createdAt: at, expiresAt: new Date(at.getTime() + 90 * DAY_MS) });
    const isRead = n >= UNREAD;
    return {
      week,
      statements: [
        [
          `INSERT INTO notifications (user_id, week, id, content${isRead ? ', reads' : ''}) VALUES (?, ?, ?, ?${isRead ? ', ?' : ''}) USING TTL ?`,
          [userId, week, id, content, ...(isRead ? [[at]] : []), ttl],
        ],
        ...(isRead
          ? []
          : [
              [
                'INSERT INTO unread (user_id, category, id) VALUES (?, ?, ?) USING TTL ?',
                [userId, WORDS.category, id, ttl],
              ] satisfies CassandraStatement,
            ]),
      ],
    };
  };
  try {
    const together = 50;
    const weeks = new Set<number>();
    await inTurn(Math.ceil((size - stored) / together), 8, async (part) => {
      const first = stored + part * together;
      const rows = Array.from({ length: Math.min(together, size - first) }, (_, index) => rowsOf(first + index));
      for (const { week } of rows) weeks.add(week);
      await patiently(() =>
        cassandra.write(
          rows.flatMap(({ statements }) => statements),
          { allOrNone: false },
        ),
      );
    });
    for (const week of weeks) await cassandra.execute('INSERT INTO weeks (user_id, week) VALUES (?, ?) USING TTL ?', [userId, week, ttl]);
    await compacted(cassandra);
  } finally {
    await cassandra.close();
  }
}

/** A node that is filled as fast as it can be now and then takes its time. */
async function patiently(write: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable) || tries === 20) throw error;
      await sleep(1_000);
    }
  }
}

/** Waits until the node is done with its files, which is no part of a page. */
async function compacted(cassandra: ReturnType<BenchCassandra['connect']>): Promise<void> {
  for (let quiet = 0; quiet < 5; await sleep(500)) {
    const tasks = await cassandra.execute('SELECT task_id FROM system_views.sstable_tasks', []);
    quiet = tasks.length === 0 ? quiet + 1 : 0;
  }
}

function report(found: Found): Findings {
  const pages = found.cases.filter(({ name }) => name !== TOLD).map(({ name }) => name);
  const total = (name: string | undefined): number => medianTotal(found.of('separate', name ?? ''));
  const told = found.of('separate', TOLD);
  const names = (name: string): readonly string[] =>
    PROCESSES.filter((process) => found.of('separate', name).some(({ by }) => by[process] !== undefined));
  const by = (name: string): string[] => names(name).map((process) => ms(medianBy(found.of('separate', name))[process] ?? 0));
  const store = names(pages[0] ?? '').includes('cassandra') ? 'Cassandra' : 'Postgres';
  const [few, many, deep] = pages;
  const goals = [many, deep].flatMap((name): Goal[] =>
    few === undefined || name === undefined
      ? []
      : [{ what: `a list's page in ${store} at ${name} against ${few}`, measured: total(name) / total(few), limit: LIMIT, unit: '×' }],
  );
  return {
    tables: [
      {
        title: `A page of ${PAGE} of one list in ${store}, ${CONNECTIONS} connections: CPU a request`,
        columns: ['stored', 'all', ...names(few ?? ''), 'p99'],
        rows: pages.map((name) => [
          name,
          ms(total(name)),
          ...by(name),
          `${medianLatency(found.of('separate', name), 'p99').toFixed(0)} ms`,
        ]),
      },
      {
        title: `Messages that come into lists in ${store}, by ${READERS} readers`,
        columns: ['a second', 'CPU each', ...names(TOLD)],
        rows: [[whole(Math.round(medianRate(told))), ms(median(told.map((one) => one.total))), ...by(TOLD)]],
      },
    ],
    goals,
    notes: [
      `All rows are one customer's, over 80 days, the newest ${whole(UNREAD)} unread; each page counts them too.`,
      'A message is judged, added to its list, told to open pages, recorded and filed. The rate is by the clock of a shared machine.',
    ],
  };
}
