import { DataSource } from 'typeorm';
import { databaseOptions } from '#libs/persistence/database-options';
import { migrate } from '#libs/persistence/migrations';
import { grantRights } from '#libs/persistence/rights';
import { databaseUrl, migrationDatabaseUrl, settings } from './settings.ts';
import { isServiceName, type ServiceName } from './topology.ts';

/**
 * `node dist/libs/runtime/migrate.js order payment`: brings these services' databases up to date, and their logins' rights, before any replica starts. The app is found by its
 * name, not imported: libraries do not know apps.
 */
const values = settings.read(process.env);

async function migrateService(service: ServiceName): Promise<void> {
  const { migrations, appendOnly = [] } = (await import(
    new URL(`../../apps/${service}/migrations/${service}.migrations.js`, import.meta.url).href
  )) as {
    migrations: (new () => object)[];
    appendOnly?: readonly string[];
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
    for (const name of await migrate(source)) process.stdout.write(`${service}: ${name}\n`);
    await grantRights(source, { login: decodeURIComponent(new URL(databaseUrl(values, service)).username), appendOnly });
  } finally {
    await source.destroy();
  }
}

const unknown = process.argv.slice(2).filter((name) => !isServiceName(name));
if (unknown.length > 0) {
  process.stderr.write(`migrate: no such service: ${unknown.join(', ')}\n`);
  process.exit(2);
}
await Promise.all(process.argv.slice(2).filter(isServiceName).map(migrateService));
