import { describeOnCassandra, scratchKeyspace } from '#libs/testing/scratch-keyspace';
import { keyspace } from '../migrations/notification.keyspace.ts';
import { CassandraStore } from '../src/store/cassandra-store.repository.ts';
import { storeConformance } from './store-conformance.ts';

/** Needs REQUIRE_CASSANDRA=1. */
storeConformance('notifications and deliveries in Cassandra', describeOnCassandra, async () => {
  const scratch = await scratchKeyspace(keyspace);
  return { store: new CassandraStore(scratch.cassandra), close: () => scratch.drop() };
});
