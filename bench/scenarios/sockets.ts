import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { costOf, inTurn, medianBy, type Sample } from '../load.ts';
import { type Child, memoryOf, startChild } from '../processes.ts';
import { type Findings, type Found, ms, type Scenario, type Setting, type Stage, whole } from '../scenario.ts';
import type { Shop } from '../shop.ts';

const USERS = 100;
const PROCESSES = ['gateway', 'notification', 'postgres', 'redis'];
const OPEN = 'opened';
const TOLD = 'told';
const MEMORY = 'MB of the gateway';
const SPREAD = 'milliseconds from the first to the last';
const LIMIT_MS = 240_000;

interface State {
  readonly open: number;
  readonly told: number;
  readonly failed: number;
  readonly spreadMs: number;
}

const socketsOf = (setting: Setting): number => (setting.quick ? 2_000 : 10_000);

/** Open pages of many users at one gateway, and one notification for each user, whose unread count all their pages hear. */
export const sockets: Scenario = {
  name: 'sockets',
  topologies: ['separate'],
  shop: { only: ['gateway', 'notification'] },
  stages: async (shop, setting) => {
    const customers = await shop.customers(USERS);
    const userIds = new Array<string>(USERS);
    await inTurn(USERS, 8, async (index) => {
      userIds[index] = (await customers[index]?.buyer.ask<{ id: string }>('GET', '/api/auth/me'))?.id ?? '';
    });
    const listeners = await startChild('listeners', []);
    const order = { url: shop.url, tokens: customers.map(({ token }) => token), each: socketsOf(setting) / USERS };
    const gateway = (): number => memoryOf(shop.pids.gateway ?? 0).own;
    const opening: Stage = {
      rounds: 1,
      cases: [OPEN],
      warmUp: async () => undefined,
      sample: async () => {
        const before = gateway();
        const cost = await costOf(shop.pids, async () => {
          const { open, failed } = await ask(listeners, order);
          if (failed > 0 || open !== socketsOf(setting)) throw new Error(`${open} sockets are open, ${failed} failed`);
          return open;
        });
        return { ...cost, counts: { [MEMORY]: gateway() - before } };
      },
    };
    const telling: Stage = {
      rounds: 1,
      cases: [TOLD],
      warmUp: async () => undefined,
      sample: () => tellAll(shop, listeners, userIds, socketsOf(setting)),
      close: () => listeners.stop(),
    };
    return [opening, telling];
  },
  report,
};

async function ask({ url }: Child, order?: object): Promise<State> {
  const init = order === undefined ? {} : { method: 'POST', body: JSON.stringify(order), signal: AbortSignal.timeout(LIMIT_MS) };
  return (await (await fetch(url, init)).json()) as State;
}

async function tellAll(shop: Shop, listeners: Child, userIds: readonly string[], count: number): Promise<Sample> {
  const database = new pg.Client(shop.stack.databaseUrl('notification', 'owner'));
  await database.connect();
  let spread = 0;
  try {
    const cost = await costOf(shop.pids, async () => {
      await database.query(
        `INSERT INTO outgoing (id, notification_id, user_id, template, category, channel, lane, variables)
         SELECT uuidv7(), uuidv7(), user_id, 'password_changed', 'account', 'in_app', 'transactional', $2::jsonb FROM unnest($1::uuid[]) AS user_id`,
        [userIds, JSON.stringify({ at: '2026-11-24T10:00:00.000Z' })],
      );
      const until = performance.now() + LIMIT_MS;
      for (let told = 0; told < count; await sleep(100)) {
        const state = await ask(listeners);
        [told, spread] = [state.told, state.spreadMs];
        if (performance.now() > until) throw new Error(`${told} of ${count} sockets were told`);
      }
      return count;
    });
    return { ...cost, counts: { [SPREAD]: spread } };
  } finally {
    await database.end();
  }
}

function report(found: Found): Findings {
  const row = (name: string, what: string, more: (sample: Sample) => string): string[][] =>
    found.of('separate', name).map((sample) => {
      const by = medianBy([sample]);
      return [
        what,
        whole(sample.requests),
        `${sample.seconds.toFixed(1)} s`,
        ms(sample.total),
        ...PROCESSES.map((process) => ms(by[process] ?? 0)),
        more(sample),
      ];
    });
  return {
    tables: [
      {
        title: `Sockets of ${USERS} users at one gateway: CPU a socket`,
        columns: ['', 'sockets', 'took', 'all', ...PROCESSES, ''],
        rows: [
          ...row(OPEN, 'opened, and told their unread count', ({ counts, requests }) => {
            const megabytes = counts?.[MEMORY] ?? 0;
            return `${megabytes.toFixed(0)} MB more at the gateway, ${((megabytes * 1_024) / requests).toFixed(0)} KB each`;
          }),
          ...row(
            TOLD,
            'told a new notification and count',
            ({ counts }) => `${(counts?.[SPREAD] ?? 0).toFixed(0)} ms from the first to the last`,
          ),
        ],
      },
    ],
    goals: [],
    notes: ['The clients are one process beside the shop, on the same cores; times are by the clock of a shared machine.'],
  };
}
