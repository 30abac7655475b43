import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { expect, it } from 'vitest';
import { Cassandra, type CassandraPlace, changeSchema, createKeyspace } from '#libs/persistence/cassandra';
import { sql } from '#libs/persistence/sql';
import { cassandraDataCenter } from '#libs/runtime/topology';
import { eventually } from '#libs/testing/builders';
import { describeOnCassandra } from '#libs/testing/scratch-keyspace';
import { keyspace } from '../migrations/chat.keyspace.ts';
import { CassandraArchive } from '../src/store/cassandra-archive.repository.ts';
import { Suite } from './chat-fixture.ts';
import { messageSuite } from './messages.suite.ts';

async function aKeyspace(): Promise<CassandraPlace> {
  const place = {
    contactPoints: [process.env.TEST_CASSANDRA_CONTACT_POINTS ?? ''],
    dataCenter: cassandraDataCenter,
    keyspace: `scratch_${randomBytes(6).toString('hex')}_chat`,
  };
  await createKeyspace(place, { replicationFactor: 1, statements: keyspace });
  return place;
}
const drop = (place: CassandraPlace): Promise<void> =>
  changeSchema({ ...place, keyspace: undefined }, [`DROP KEYSPACE IF EXISTS ${place.keyspace}`]);

/** Needs REQUIRE_CASSANDRA=1. */
messageSuite('messages in Cassandra', describeOnCassandra, async () => {
  const place = await aKeyspace();
  const suite = await Suite.open({ cassandra: place });
  const waiting = async (): Promise<boolean> =>
    (await suite.replica.database.row(sql`SELECT 1 AS one FROM messages WHERE content IS NOT NULL LIMIT 1`)) === undefined;
  return {
    suite,
    settled: () => eventually(waiting),
    close: async () => {
      await suite.close();
      await drop(place);
    },
  };
});

describeOnCassandra('texts in Cassandra', () => {
  it('are found wherever they lie in a thread, though more lie between them than the driver takes for a page', async () => {
    const place = await aKeyspace();
    const cassandra = new Cassandra(place);
    try {
      const archive = new CassandraArchive(cassandra);
      const threadId = uuidv7();
      const sequences = Array.from({ length: 5_300 }, (_, index) => index + 1);
      await archive.keep(sequences.map((sequence) => ({ threadId, sequence, revision: sequence, content: `${sequence}` })));
      await archive.keep([{ threadId, sequence: 10_001, revision: 1, content: '10001' }]);
      const contentsOf = async (asked: readonly number[]) =>
        [...(await archive.find(threadId, asked)).values()].map(({ content }) => content);
      expect((await contentsOf([1, 5_300, 10_001, 9_999])).sort()).toEqual(['1', '10001', '5300']);
      expect(await contentsOf(sequences.slice(0, 350))).toHaveLength(350);
    } finally {
      await cassandra.close();
      await drop(place);
    }
  }, 60_000);
});
