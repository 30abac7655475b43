import { DataSource } from 'typeorm';
import { databaseOptions } from '#libs/persistence/database-options';
import { migrate } from '#libs/persistence/migrations';
import { databaseUrl, settings } from './settings.ts';
import { isServiceName, type ServiceName } from './topology.ts';

/**
 * `node dist/libs/runtime/migrate.js order payment`: brings these services' databases up to date, before any replica starts. The app is found by its
 * name, not imported: libraries do not know apps.
 */
const values = settings.read(process.env);

async function migrateService(service: ServiceName): Promise<void> {
  const { migrations } = (await import(new URL(`../../apps/${service}/migrations/${service}.migrations.js`, import.meta.url).href)) as {
    migrations: (new () => object)[];
  };
  const source = new DataSource(
    databaseOptions({
      url: databaseUrl(values, service),
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
