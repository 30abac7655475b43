import { randomBytes } from 'node:crypto';
import { describe } from 'vitest';
import { Cassandra, type CassandraPlace, changeSchema, createKeyspace } from '#libs/persistence/cassandra';
import { cassandraDataCenter } from '#libs/runtime/topology';

export interface ScratchKeyspace {
  readonly place: CassandraPlace;
  readonly cassandra: Cassandra;
  /** Closes the connection too. */
  drop(): Promise<void>;
}

/** A keyspace of a suite's own on the test's Cassandra. */
export async function scratchKeyspace(statements: readonly string[]): Promise<ScratchKeyspace> {
  const contactPoint = process.env.TEST_CASSANDRA_CONTACT_POINTS;
  if (contactPoint === undefined) throw new Error('TEST_CASSANDRA_CONTACT_POINTS is missing: run the suite through npm test');
  const place = { contactPoints: [contactPoint], dataCenter: cassandraDataCenter, keyspace: `scratch_${randomBytes(6).toString('hex')}` };
  await createKeyspace(place, { replicationFactor: 1, statements });
  const cassandra = new Cassandra(place);
  return {
    place,
    cassandra,
    drop: async () => {
      await cassandra.close();
      await changeSchema({ ...place, keyspace: undefined }, [`DROP KEYSPACE IF EXISTS ${place.keyspace}`]);
    },
  };
}

/** Tests on a real Cassandra. They run where npm test was given one, or REQUIRE_CASSANDRA=1 had it start one. */
export const describeOnCassandra = process.env.TEST_CASSANDRA_CONTACT_POINTS === undefined ? describe.skip : describe;
