import { existsSync } from 'node:fs';
import { DataSource } from 'typeorm';
import { Database } from '#libs/persistence/database';
import { databaseOptions } from '#libs/persistence/database-options';
import { migrationDatabaseUrl, settings } from './settings.ts';
import { isServiceName, type ServiceName } from './topology.ts';

/** What a service's `<service>.seed.ts` exports; it may run again and then changes nothing. */
interface Seed {
  /** Makes in production what a new shop cannot begin without, such as its first admin. All other seeds are demo goods, which production refuses. */
  readonly isForProduction?: true;
  readonly seed: (database: Database, env: NodeJS.ProcessEnv) => Promise<SeedReport>;
}

export interface SeedReport {
  /** Who can sign in, with which password; only outside production. */
  readonly logins?: readonly { readonly role: string; readonly login: string; readonly password: string }[];
}

/** `node dist/libs/runtime/seed.js auth product`: fills the demo shop. A parent that listens over IPC is told the logins. */
const values = settings.read(process.env);

async function seedService(service: ServiceName): Promise<SeedReport> {
  const file = new URL(`../../apps/${service}/demo/${service}.seed.js`, import.meta.url);
  if (!existsSync(file)) return {};
  const { seed, isForProduction } = (await import(file.href)) as Seed;
  if (values.NODE_ENV === 'production' && isForProduction !== true)
    throw new Error(`${service} has demo goods alone; production refuses them`);
  const source = await new DataSource(
    databaseOptions({
      // Statistics of a table are its owner's to renew.
      url: migrationDatabaseUrl(values, service),
      entities: [],
      migrations: [],
      applicationName: `${service}-seed`,
      statementTimeoutMs: 0,
    }),
  ).initialize();
  try {
    return await seed(new Database(source), process.env);
  } finally {
    await source.destroy();
  }
}

const reports = await Promise.all(process.argv.slice(2).filter(isServiceName).map(seedService));
process.send?.({ logins: reports.flatMap(({ logins = [] }) => logins) });
process.disconnect?.();
