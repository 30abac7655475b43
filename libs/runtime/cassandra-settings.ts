/** The variables of services that can keep rows in Cassandra; each joins them to its own. */
import type { CassandraPlace } from '#libs/persistence/cassandra';
import { environment, list, type Source, secret, text, type Values, whole } from './environment.ts';
import { databaseName, type Settings } from './settings.ts';
import { cassandraDataCenter, type ServiceName } from './topology.ts';

const AT_LEAST_COPIES = 3;

export const cassandraEnv = environment(
  {
    CASSANDRA_CONTACT_POINTS: list({
      optional: true,
      about: 'Nodes of a Cassandra (host:port), where rows that grow without end are kept. Without any, Postgres keeps them.',
    }),
    CASSANDRA_DATA_CENTER: text({
      default: cassandraDataCenter,
      pattern: /^\w+$/,
      expects: 'letters, digits and underscores',
      about: 'The data centre whose nodes are asked.',
    }),
    CASSANDRA_REPLICATION_FACTOR: whole({
      default: 1,
      min: 1,
      max: 9,
      about: `Copies of each row, when the keyspace is made; ${AT_LEAST_COPIES} on a real cluster.`,
    }),
    CASSANDRA_USERNAME: text({ optional: true, about: 'The login of this service at Cassandra, where it asks for one.' }),
    CASSANDRA_PASSWORD: secret({ optional: true, min: 16, about: 'Its password.' }),
  },
  wholeLogin,
);

export type CassandraEnv = Values<typeof cassandraEnv>;

function wholeLogin(source: Source): readonly string[] {
  const { CASSANDRA_USERNAME: username, CASSANDRA_PASSWORD: password } = source;
  return Boolean(username) === Boolean(password) ? [] : ['CASSANDRA_USERNAME and CASSANDRA_PASSWORD go together'];
}

/** The service's keyspace, `only2u_notification`; undefined where Postgres keeps its rows. */
export function cassandraPlace(values: CassandraEnv & Settings, service: ServiceName): CassandraPlace | undefined {
  const { CASSANDRA_CONTACT_POINTS: contactPoints = [], CASSANDRA_USERNAME: username, CASSANDRA_PASSWORD: password } = values;
  if (contactPoints.length === 0) return undefined;
  return {
    contactPoints,
    dataCenter: values.CASSANDRA_DATA_CENTER,
    keyspace: databaseName(values.DATABASE_PREFIX, service),
    ...(username !== undefined && password !== undefined && { login: { username, password } }),
  };
}
