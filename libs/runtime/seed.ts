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
  readonly seed: (database: Database, env: NodeJS.ProcessEnv, known?: Known) => Promise<SeedReport>;
}

/** A product of the demo shop, as others refer to it. */
export interface DemoGoods {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly image: string | null;
  readonly price: number;
  readonly size: string;
}

/** Who and what the first seeds have made, for those that refer to it. */
export interface Known {
  /** Ids of the demo shop's accounts, by e-mail address. */
  readonly people: ReadonlyMap<string, string>;
  readonly goods: readonly DemoGoods[];
}

export interface SeedReport {
  /** Who can sign in, with which password; only outside production. */
  readonly logins?: readonly { readonly role: string; readonly login: string; readonly password: string }[];
  readonly people?: ReadonlyMap<string, string>;
  readonly goods?: readonly DemoGoods[];
}

/** `node dist/libs/runtime/seed.js auth product`: fills the demo shop. A parent that listens over IPC is told the logins. */
const values = settings.read(process.env);

/** Those that others refer to. */
const FIRST: readonly ServiceName[] = ['auth', 'product'];

async function seedService(service: ServiceName, known?: Known): Promise<SeedReport> {
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
    return await (known === undefined ? seed(new Database(source), process.env) : seed(new Database(source), process.env, known));
  } finally {
    await source.destroy();
  }
}

const names = process.argv.slice(2).filter(isServiceName);
const first = await Promise.all(names.filter((name) => FIRST.includes(name)).map((name) => seedService(name)));
const known: Known = {
  people: new Map(first.flatMap(({ people }) => [...(people ?? [])])),
  goods: first.flatMap(({ goods = [] }) => goods),
};
const rest = await Promise.all(names.filter((name) => !FIRST.includes(name)).map((name) => seedService(name, known)));
process.send?.({ logins: [...first, ...rest].flatMap(({ logins = [] }) => logins) });
process.disconnect?.();
