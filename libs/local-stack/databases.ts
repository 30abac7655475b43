import pg from 'pg';
import { databaseName } from '#libs/runtime/settings';
import { databaseVariable, migrationDatabaseVariable, type ServiceName } from '#libs/runtime/topology';

export interface DatabasesOptions {
  /** Of a role that may create databases and logins. */
  readonly url: string;
  readonly prefix: string;
  readonly services: readonly ServiceName[];
  readonly passwordOf: (service: ServiceName, as: 'service' | 'owner') => string;
}

/**
 * Gives each service a database, a login that owns it and migrates, and one that the service runs as, which may enter no other. Can be
 * repeated. Answers `{ ORDER_DATABASE_URL: 'postgres://only2u_order:…', ORDER_MIGRATION_DATABASE_URL: 'postgres://only2u_order_owner:…', … }`.
 */
export async function ensureDatabases({ url, prefix, services, passwordOf }: DatabasesOptions): Promise<Record<string, string>> {
  const pool = new pg.Pool({ connectionString: url, max: 6, connectionTimeoutMillis: 10_000 });
  pool.on('error', () => undefined);
  try {
    await Promise.all(services.map((service) => ensureDatabase(pool, url, databaseName(prefix, service), (as) => passwordOf(service, as))));
  } finally {
    await pool.end();
  }
  const urlAs = (service: ServiceName, login: string, as: 'service' | 'owner'): string => {
    const own = new URL(url);
    own.username = login;
    own.password = passwordOf(service, as);
    own.pathname = `/${databaseName(prefix, service)}`;
    return own.href;
  };
  return Object.fromEntries(
    services.flatMap((service) => {
      const name = databaseName(prefix, service);
      return [
        [databaseVariable(service), urlAs(service, name, 'service')],
        [migrationDatabaseVariable(service), urlAs(service, ownerOf(name), 'owner')],
      ];
    }),
  );
}

/** The login that owns a service's database. */
export const ownerOf = (name: string): string => `${name}_owner`;

async function ensureDatabase(pool: pg.Pool, url: string, name: string, passwordOf: (as: 'service' | 'owner') => string): Promise<void> {
  await Promise.all([ensureLogin(pool, name, passwordOf('service')), ensureLogin(pool, ownerOf(name), passwordOf('owner'))]);
  // DDL takes no parameters; `prefix` is checked against a pattern where it is declared, and the driver escapes both.
  const [database, login, owner] = [name, name, ownerOf(name)].map((word) => pg.escapeIdentifier(word));
  await unless('42P04', () => pool.query(`CREATE DATABASE ${database} OWNER ${owner}`));
  await pool.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await pool.query(`GRANT CONNECT ON DATABASE ${database} TO ${login}`);
  const { rows } = await pool.query<{ owner: string }>('SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1', [
    name,
  ]);
  if (rows[0]?.owner !== ownerOf(name)) await takeOver(url, name);
}

async function ensureLogin(pool: pg.Pool, name: string, password: string): Promise<void> {
  const role = pg.escapeIdentifier(name);
  const login = `LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${pg.escapeLiteral(password)}`;
  await unless('42710', () => pool.query(`CREATE ROLE ${role} ${login}`));
  await pool.query(`ALTER ROLE ${role} ${login}`);
  // Creating a database for another role takes membership in it, which a superuser alone has by nature.
  await pool.query(`GRANT ${role} TO CURRENT_USER`);
}

/** A database from before the two logins: what the service's login owns becomes the owner's. */
async function takeOver(url: string, name: string): Promise<void> {
  const inside = new URL(url);
  inside.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: inside.href });
  await client.connect();
  try {
    await client.query(`REASSIGN OWNED BY ${pg.escapeIdentifier(name)} TO ${pg.escapeIdentifier(ownerOf(name))}`);
  } finally {
    await client.end();
  }
}

/** Somebody else made it first: as good. */
async function unless(code: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && (error.code === code || error.code === '23505'))) throw error;
  }
}
