import { randomBytes } from 'node:crypto';
import { changeSchema, createKeyspace } from '#libs/persistence/cassandra';
import { sql } from '#libs/persistence/sql';
import { cassandraDataCenter } from '#libs/runtime/topology';
import { eventually } from '#libs/testing/builders';
import { describeOnCassandra } from '#libs/testing/scratch-keyspace';
import { keyspace } from '../migrations/chat.keyspace.ts';
import { Suite } from './chat-fixture.ts';
import { messageSuite } from './messages.suite.ts';

/** Needs REQUIRE_CASSANDRA=1. */
messageSuite('messages in Cassandra', describeOnCassandra, async () => {
  const place = {
    contactPoints: [process.env.TEST_CASSANDRA_CONTACT_POINTS ?? ''],
    dataCenter: cassandraDataCenter,
    keyspace: `scratch_${randomBytes(6).toString('hex')}_chat`,
  };
  await createKeyspace(place, { replicationFactor: 1, statements: keyspace });
  const suite = await Suite.open({ cassandra: place });
  const waiting = async (): Promise<boolean> =>
    (await suite.replica.database.row(sql`SELECT 1 AS one FROM messages WHERE content IS NOT NULL LIMIT 1`)) === undefined;
  return {
    suite,
    settled: () => eventually(waiting),
    close: async () => {
      await suite.close();
      await changeSchema({ ...place, keyspace: undefined }, [`DROP KEYSPACE IF EXISTS ${place.keyspace}`]);
    },
  };
});
