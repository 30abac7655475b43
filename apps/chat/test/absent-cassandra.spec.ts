import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCassandra } from '#libs/local-stack/cassandra';
import { cassandraProgram } from '#libs/local-stack/cassandra-program';
import { freePort } from '#libs/local-stack/ports';
import { Supervisor } from '#libs/local-stack/supervisor';
import { createKeyspace } from '#libs/persistence/cassandra';
import { DatabaseUnavailable } from '#libs/persistence/database-errors';
import { sql } from '#libs/persistence/sql';
import { cloneRoot } from '#libs/runtime/project-root';
import { cassandraDataCenter } from '#libs/runtime/topology';
import { eventually } from '#libs/testing/builders';
import { describeOnCassandra } from '#libs/testing/scratch-keyspace';
import { keyspace } from '../migrations/chat.keyspace.ts';
import { Suite } from './chat-fixture.ts';

/** A Cassandra of this suite's own, for it is frozen under a running service. Needs REQUIRE_CASSANDRA=1. */
describeOnCassandra('while Cassandra does not answer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'only2u-'));
  const supervisor = new Supervisor({
    dataDir: folder,
    log: () => undefined,
    remark: () => undefined,
    autoRestart: false,
    scratch: [folder],
  });
  let suite: Suite;

  beforeAll(async () => {
    const port = await freePort();
    const storagePort = await freePort(new Set([port]));
    await startCassandra(supervisor, { folder, port, storagePort, program: cassandraProgram(cloneRoot(), () => undefined) });
    const place = { contactPoints: [`127.0.0.1:${port}`], dataCenter: cassandraDataCenter, keyspace: 'only2u_chat' };
    await createKeyspace(place, { replicationFactor: 1, statements: keyspace });
    suite = await Suite.open({ cassandra: place });
  }, 180_000);
  afterAll(async () => {
    await suite?.close();
    await supervisor.stopAll(() => 0);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const waiting = async (): Promise<number> =>
    (await suite.replica.database.rows(sql`SELECT 1 AS one FROM messages WHERE content IS NOT NULL`)).length;

  it('what is acknowledged is kept and readable, what it has is refused, and all is there afterwards', async () => {
    const [asha, ravi] = [suite.town.person(), suite.town.person()];
    const { id } = await suite.direct(asha, ravi);
    const before = [];
    for (let count = 0; count < 3; count += 1) before.push(await suite.send(id, asha, { body: `before ${count}` }));
    await eventually(async () => (await waiting()) === 0);
    const pid = supervisor.processes.get('cassandra')?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      const sent = await suite.send(id, ravi, { body: 'meanwhile' });
      const { items } = await suite.replica.messages.messages({ threadId: id, after: 3, limit: 10 }, suite.by(asha));
      expect(items).toEqual([sent]);
      await expect(suite.all(id, asha)).rejects.toThrow(DatabaseUnavailable);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await eventually(async () => (await waiting()) === 0, 60_000);
    const all = await eventually(() => suite.all(id, ravi));
    expect(all.map(({ body, sequence }) => [sequence, body])).toEqual([
      ...before.map(({ sequence, body }) => [sequence, body]),
      [4, 'meanwhile'],
    ]);
  }, 120_000);
});
