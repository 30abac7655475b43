import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { createKeyspace } from '#libs/persistence/cassandra';
import { DatabaseUnavailable } from '#libs/persistence/database-errors';
import { databaseOptions } from '#libs/persistence/database-options';
import { migrate } from '#libs/persistence/migrations';
import { grantRights } from '#libs/persistence/rights';
import { cassandraEnv, cassandraPlace } from './cassandra-settings.ts';
import { databaseUrl, migrationDatabaseUrl, settings } from './settings.ts';
import { isServiceName, type ServiceName } from './topology.ts';

/**
 * `node dist/libs/runtime/migrate.js order payment`: brings these services' databases up to date, and their logins' rights, before any replica starts. The app is found by its
 * name, not imported: libraries do not know apps.
 */
const values = settings.read(process.env);
const cassandra = cassandraEnv.read(process.env);
/** How long a Cassandra that is starting is waited for. */
const CASSANDRA_WITHIN_MS = 20_000;

async function migrateService(service: ServiceName): Promise<void> {
  const {
    migrations,
    appendOnly = [],
    keyspace,
  } = (await import(new URL(`../../apps/${service}/migrations/${service}.migrations.js`, import.meta.url).href)) as {
    migrations: (new () => object)[];
    appendOnly?: readonly string[];
    /** What the service's keyspace has, where Cassandra keeps what grows without end. */
    keyspace?: readonly string[];
  };
  const source = new DataSource(
    databaseOptions({
      url: migrationDatabaseUrl(values, service),
      entities: [],
      migrations,
      applicationName: `${service}-migrate`,
      poolSize: 2,
      statementTimeoutMs: 0,
    }),
  );
  await source.initialize();
  try {
    for (const name of await migrate(source, () => makeKeyspace(service, keyspace))) process.stdout.write(`${service}: ${name}\n`);
    await grantRights(source, { login: decodeURIComponent(new URL(databaseUrl(values, service)).username), appendOnly });
  } finally {
    await source.destroy();
  }
}

/** Without a Cassandra that answers, the rest of the shop goes on: the service keeps what is due for it and answers 503 for its lists. */
async function makeKeyspace(service: ServiceName, statements: readonly string[] = []): Promise<void> {
  const place = cassandraPlace({ ...values, ...cassandra }, service);
  if (place === undefined || statements.length === 0) return;
  const end = performance.now() + CASSANDRA_WITHIN_MS;
  for (;;) {
    try {
      return await createKeyspace(place, { replicationFactor: cassandra.CASSANDRA_REPLICATION_FACTOR, statements });
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
      if (performance.now() < end) await sleep(500);
      else {
        process.stderr.write(
          `${service}: Cassandra does not answer. If it has no keyspace ${place.keyspace} yet, migrate again once it does.\n`,
        );
        return;
      }
    }
  }
}

const unknown = process.argv.slice(2).filter((name) => !isServiceName(name));
if (unknown.length > 0) {
  process.stderr.write(`migrate: no such service: ${unknown.join(', ')}\n`);
  process.exit(2);
}
await Promise.all(process.argv.slice(2).filter(isServiceName).map(migrateService));
