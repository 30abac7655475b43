import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { notificationApi } from '#libs/contracts/notification/api';
import { startCassandra } from '#libs/local-stack/cassandra';
import { cassandraProgram } from '#libs/local-stack/cassandra-program';
import { freePort } from '#libs/local-stack/ports';
import { Supervisor } from '#libs/local-stack/supervisor';
import { createKeyspace } from '#libs/persistence/cassandra';
import { DatabaseUnavailable } from '#libs/persistence/database-errors';
import { sql } from '#libs/persistence/sql';
import { Readiness } from '#libs/runtime/probes';
import { cloneRoot } from '#libs/runtime/project-root';
import { cassandraDataCenter } from '#libs/runtime/topology';
import { eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { describeOnCassandra } from '#libs/testing/scratch-keyspace';
import { keyspace } from '../migrations/notification.keyspace.ts';
import { FeedHandlers } from '../src/feed/feed.handlers.ts';
import { NotificationReactions } from '../src/notification.reactions.ts';
import { NotificationStore } from '../src/store/notification-store.ts';
import { aDatabase, aMessageDue, aPerson, aPhone, firstIn, openShop, type Shop } from './notification-fixture.ts';

/** A Cassandra of this suite's own, for it is frozen and killed under a running service. Needs REQUIRE_CASSANDRA=1. */
describeOnCassandra('without Cassandra', () => {
  const folder = mkdtempSync(join(tmpdir(), 'only2u-'));
  const supervisor = new Supervisor({
    dataDir: folder,
    log: () => undefined,
    remark: () => undefined,
    autoRestart: false,
    scratch: [folder],
  });
  let scratch: ScratchDatabase;
  let shop: Shop;
  let port: number;
  let storagePort: number;
  const cassandra = () => supervisor.processes.get('cassandra');

  beforeAll(async () => {
    port = await freePort();
    storagePort = await freePort(new Set([port]));
    scratch = await aDatabase();
    shop = await openShop(scratch, { CASSANDRA_CONTACT_POINTS: `127.0.0.1:${port}` });
  });
  afterAll(async () => {
    await shop?.app.close();
    await scratch?.drop();
    await supervisor.stopAll(() => 0);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const start = async (): Promise<void> => {
    await startCassandra(supervisor, { folder, port, storagePort, program: cassandraProgram(cloneRoot(), () => undefined) });
    const place = { contactPoints: [`127.0.0.1:${port}`], dataCenter: cassandraDataCenter, keyspace: 'only2u_notification' };
    await createKeyspace(place, { replicationFactor: 1, statements: keyspace });
  };

  /** A mail and a line of the list to each. */
  async function tell(userIds: readonly string[]): Promise<void> {
    const reactions = shop.app.get(NotificationReactions);
    for (const userId of userIds) {
      const notice = { userId, template: 'password_changed' as const, at: '2026-03-14T12:35:00Z' };
      await shop.hears((transaction) =>
        reactions.onAuthSecurityNoticed(notice, { eventId: uuidv7(), version: 1, requestId: 'suite', transaction }),
      );
    }
  }

  const listOf = (userId: string) => shop.app.get(FeedHandlers).list({ userId, limit: 20 });

  /** Everything but the lists goes on, and the lists are refused while their callers still wait. */
  async function expectTheRestToGoOn(): Promise<void> {
    const person = aPerson();
    const due = aMessageDue({ to: aPhone() }, '482917');
    await tell([person.userId]);
    await shop.hears((transaction) =>
      shop.app.get(NotificationReactions).onAuthMessageDue(due, { eventId: uuidv7(), version: 1, requestId: 'suite', transaction }),
    );
    expect((await firstIn(shop, due.to)).text).toContain('482917');
    expect(await firstIn(shop, person.email ?? '')).toMatchObject({ template: 'password_changed' });
    const calls = 8;
    const began = performance.now();
    for (let call = 0; call < calls; call += 1) await expect(listOf(person.userId)).rejects.toThrow(DatabaseUnavailable);
    expect(performance.now() - began).toBeLessThan(calls * notificationApi.operations.list.timeoutMs);
    await eventually(() => shop.app.get(Readiness).isReady);
    expect(waiting).not.toContain(person.userId);
    waiting.push(person.userId);
  }

  /** Whose line of the list and whose deliveries wait. */
  const waiting: string[] = [];

  async function expectNothingLost(): Promise<void> {
    const store = shop.app.get(NotificationStore);
    for (const userId of waiting.splice(0)) {
      const list = await eventually(async () => {
        const page = await listOf(userId);
        return page.items.length > 0 && page;
      }, 60_000);
      expect(list).toMatchObject({ unreadCount: 1, items: [{ template: 'password_changed' }] });
      const filed = await eventually(async () => {
        const { deliveries } = await store.deliveries({ userId, limit: 10 });
        return deliveries.length === 3 && deliveries;
      }, 60_000);
      // A store that was away is no try of the message.
      expect(filed.map(({ channel, state, attempts }) => [channel, state, attempts.length]).sort()).toEqual([
        ['email', 'sent', 1],
        ['in_app', 'delivered', 1],
        ['push', 'skipped', 0],
      ]);
    }
    await eventually(async () => (await shop.database.row(sql`SELECT 1 FROM outgoing LIMIT 1`)) === undefined, 60_000);
  }

  it('a service starts, does all else, and makes up for it once there is one', async () => {
    await expectTheRestToGoOn();
    await start();
    await expectNothingLost();
  }, 300_000);

  it('a service goes on while it is frozen, and loses nothing', async () => {
    await tell([aPerson().userId]);
    cassandra()?.pause();
    await expectTheRestToGoOn();
    cassandra()?.resume();
    await expectNothingLost();
  }, 300_000);

  it('a service goes on while it is dead, and loses nothing', async () => {
    await cassandra()?.kill();
    await expectTheRestToGoOn();
    await cassandra()?.start();
    await expectNothingLost();
  }, 300_000);
});
