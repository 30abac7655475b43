import pg from 'pg';
import { databaseName } from '#libs/runtime/settings';
import { databaseVariable, type ServiceName } from '#libs/runtime/topology';

export interface DatabasesOptions {
  /** Of a role that may create databases and logins. */
  readonly url: string;
  readonly prefix: string;
  readonly services: readonly ServiceName[];
  readonly passwordOf: (service: ServiceName) => string;
}

/**
 * Gives each service a database and a login that owns it and may enter no other. Can be repeated.
 * Answers `{ ORDER_DATABASE_URL: 'postgres://only2u_order:…', … }`.
 */
export async function ensureDatabases({ url, prefix, services, passwordOf }: DatabasesOptions): Promise<Record<string, string>> {
  const pool = new pg.Pool({ connectionString: url, max: 6, connectionTimeoutMillis: 10_000 });
  pool.on('error', () => undefined);
  try {
    const { rows } = await pool.query<{ name: string }>(
      'SELECT rolname AS name FROM pg_roles WHERE rolname = ANY($1) INTERSECT SELECT datname FROM pg_database WHERE datname = ANY($1)',
      [services.map((service) => databaseName(prefix, service))],
    );
    const existing = new Set(rows.map(({ name }) => name));
    await Promise.all(services.map((service) => ensureDatabase(pool, databaseName(prefix, service), passwordOf(service), existing)));
  } finally {
    await pool.end();
  }
  return Object.fromEntries(
    services.map((service) => {
      const own = new URL(url);
      own.username = databaseName(prefix, service);
      own.password = passwordOf(service);
      own.pathname = `/${databaseName(prefix, service)}`;
      return [databaseVariable(service), own.href];
    }),
  );
}

async function ensureDatabase(pool: pg.Pool, name: string, password: string, existing: ReadonlySet<string>): Promise<void> {
  // DDL takes no parameters; `prefix` is checked against a pattern where it is declared, and the driver escapes both.
  const role = pg.escapeIdentifier(name);
  const login = `LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${pg.escapeLiteral(password)}`;
  if (existing.has(name)) {
    await pool.query(`ALTER ROLE ${role} ${login}`);
    return;
  }
  await unless('42710', () => pool.query(`CREATE ROLE ${role} ${login}`));
  await pool.query(`ALTER ROLE ${role} ${login}`);
  // Creating a database for another role takes membership in it, which a superuser alone has by nature.
  await pool.query(`GRANT ${role} TO CURRENT_USER`);
  await unless('42P04', () => pool.query(`CREATE DATABASE ${role} OWNER ${role}`));
  await pool.query(`REVOKE ALL ON DATABASE ${role} FROM PUBLIC`);
}

/** Somebody else made it first: as good. */
async function unless(code: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && (error.code === code || error.code === '23505'))) throw error;
  }
}
