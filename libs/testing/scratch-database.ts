import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { databaseOptions } from '#libs/persistence/database-options';
import { migrate } from '#libs/persistence/migrations';

export interface ScratchDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database of a suite's own on the test's Postgres, migrated; `drop` takes it away whoever is still connected. */
export async function scratchDatabase(migrations: readonly (new () => object)[]): Promise<ScratchDatabase> {
  const server = process.env.TEST_DATABASE_URL;
  if (server === undefined) throw new Error('TEST_DATABASE_URL is missing: run the suite through npm test');
  const name = `scratch_${randomBytes(6).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const source = new DataSource(
    databaseOptions({ url: url.href, entities: [], migrations, applicationName: 'scratch', poolSize: 2, statementTimeoutMs: 0 }),
  );
  await source.initialize();
  await migrate(source);
  await source.destroy();
  return { url: url.href, drop: () => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
