import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { costOf, latenciesOf, medianBy, type Sample } from '../load.ts';
import { type Findings, type Found, ms, type Scenario, type Setting, type Stage, whole } from '../scenario.ts';
import type { Shop } from '../shop.ts';

const BULK = 100_000;
const READERS = 20;
const PROCESSES = ['gateway', 'auth', 'notification', 'postgres', 'redis'];
const CASE = 'codes while a campaign is sent';
const LEFT_BEFORE = 'campaign mails that left between a code and its hand-over, at most';
const BEHIND = 'campaign mails that waited when a code was asked for, at least';

/** Codes that people ask for while mails to a hundred thousand wait: how many of those leave before a code, and what a mail costs. */
export const lanes: Scenario = {
  name: 'lanes',
  topologies: ['separate'],
  shop: { only: ['gateway', 'notification'] },
  stages: async (shop, setting) => {
    const readers = await shop.customers(READERS);
    const userIds = await Promise.all(readers.map(async ({ buyer }) => (await buyer.ask<{ id: string }>('GET', '/api/auth/me')).id));
    const database = new pg.Client(shop.stack.databaseUrl('notification', 'owner'));
    await database.connect();
    const campaign = new Campaign(database, userIds);
    const stage: Stage = {
      rounds: 1,
      cases: [CASE],
      warmUp: () => campaign.begin(1_000).then(() => campaign.end(60)),
      sample: () => sampleOf(shop, database, campaign, setting),
      close: () => database.end(),
    };
    return [stage];
  },
  report,
};

/** Mails of a campaign as it is expanded. */
class Campaign {
  private readonly database: pg.Client;
  private readonly userIds: readonly string[];

  constructor(database: pg.Client, userIds: readonly string[]) {
    this.database = database;
    this.userIds = userIds;
  }

  async begin(mails: number): Promise<void> {
    await this.database.query(
      `INSERT INTO outgoing (id, notification_id, user_id, category, channel, lane, title, body)
       SELECT uuidv7(), uuidv7(), ($1::uuid[])[1 + n % $2::int], 'orders', 'email', 'bulk', 'News', 'Hello {{name}}'
       FROM generate_series(1, $3::int) AS n`,
      [this.userIds, this.userIds.length, mails],
    );
  }

  async waiting(): Promise<number> {
    const { rows } = await this.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM outgoing WHERE lane = 'bulk' AND state = 'queued'`,
    );
    return rows[0]?.count ?? 0;
  }

  /** Waits until they have left and are filed; what is left after so many seconds goes. */
  async end(seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1_000;
    while (performance.now() < until && (await this.waiting()) > 0) await sleep(200);
    await this.database.query(`DELETE FROM outgoing WHERE lane = 'bulk' AND state = 'queued'`);
    const isOver = async (): Promise<boolean> => (await this.database.query('SELECT 1 FROM outgoing LIMIT 1')).rowCount === 0;
    for (let tries = 0; tries < 600 && !(await isOver()); tries += 1) await sleep(100);
  }
}

async function sampleOf(shop: Shop, database: pg.Client, campaign: Campaign, setting: Setting): Promise<Sample> {
  const seconds = setting.quick ? 20 : 60;
  await database.query('TRUNCATE deliveries');
  const behind: number[] = [];
  const cost = await costOf(shop.pids, async () => {
    await campaign.begin(BULK);
    const until = performance.now() + seconds * 1_000;
    for (let number = 0; performance.now() < until; number += 1) {
      const waiting = await campaign.waiting();
      if (waiting === 0) break;
      behind.push(waiting);
      await askForCode(shop, number);
      await sleep(1_000);
    }
    await campaign.end(0);
    const { rows } = await database.query<{ count: number }>('SELECT count(*)::int AS count FROM deliveries WHERE template IS NULL');
    return rows[0]?.count ?? 0;
  });
  const { rows: codes } = await database.query<{ milliseconds: number; left_before: number }>(`
    WITH codes AS (
      SELECT created_at, (attempts -> 0 ->> 'at')::timestamptz AS left_at FROM deliveries WHERE template = 'otp' AND state = 'sent')
    SELECT 1000 * extract(epoch FROM left_at - created_at)::float8 AS milliseconds, (
      SELECT count(*)::int FROM deliveries
      WHERE template IS NULL AND (attempts -> 0 ->> 'at')::timestamptz > codes.created_at AND (attempts -> 0 ->> 'at')::timestamptz < left_at) AS left_before
    FROM codes`);
  if (codes.length < behind.length) throw new Error(`${behind.length} codes were asked for, ${codes.length} were handed over`);
  return {
    ...cost,
    latencies: latenciesOf(codes.map(({ milliseconds }) => milliseconds)),
    counts: { [LEFT_BEFORE]: Math.max(...codes.map((one) => one.left_before)), [BEHIND]: Math.min(...behind), codes: codes.length },
  };
}

async function askForCode(shop: Shop, number: number): Promise<void> {
  const phone = `+9198${String(10_000_000 + Math.floor(Math.random() * 1_000_000) * 80 + (number % 80))}`;
  const response = await fetch(`${shop.url}/api/auth/otp/send`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ phone }),
  });
  if (response.status !== 202) throw new Error(`a code was answered by ${response.status}: ${await response.text()}`);
}

function report(found: Found): Findings {
  const samples = found.of('separate', CASE);
  const [sample] = samples;
  if (sample === undefined) return { tables: [], goals: [], notes: [] };
  const { counts = {}, latencies, requests, seconds, total } = sample;
  const by = medianBy(samples);
  const names = PROCESSES.filter((name) => by[name] !== undefined);
  return {
    tables: [
      {
        title: `Codes by SMS while ${whole(BULK)} mails of a campaign wait`,
        columns: ['codes', 'mails behind them', 'mails that left before one, at most', 'to the hand-over, p50', 'p99'],
        rows: [
          [
            whole(counts.codes ?? 0),
            whole(counts[BEHIND] ?? 0),
            whole(counts[LEFT_BEFORE] ?? 0),
            `${latencies?.p50.toFixed(0)} ms`,
            `${latencies?.p99.toFixed(0)} ms`,
          ],
        ],
      },
      {
        title: 'A mail of that campaign, to the sandbox',
        columns: ['mails', 'a second', 'CPU each', ...names],
        rows: [[whole(requests), whole(Math.round(requests / seconds)), ms(total), ...names.map((name) => ms(by[name] ?? 0))]],
      },
    ],
    goals: [],
    notes: [
      'A code is counted from the row that its event writes until the sandbox has it: judged, worded and handed over by workers of its own lane.',
      'Mails are stopped after a minute, and the rest is taken back. The times are by the clock of a shared machine.',
    ],
  };
}
