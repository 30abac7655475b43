import type { Cassandra } from '#libs/persistence/cassandra';
import type { Readiness } from './probes.ts';
import type { Rounds } from './rounds.ts';

const PING_MS = 5_000;

/** Asks it now and then, so that the metrics tell of a Cassandra that is away while nobody reads or writes. */
export function watchCassandra(cassandra: Cassandra, readiness: Readiness, rounds: Rounds): Cassandra {
  readiness.watch({ name: 'cassandra', isUp: () => cassandra.isUp });
  rounds.every('cassandra.ping', PING_MS, () => cassandra.ping());
  return cassandra;
}
