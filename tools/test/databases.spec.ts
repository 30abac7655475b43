import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownerOf } from '#libs/local-stack/databases';
import { type ScratchStores, startScratchStores } from '#libs/local-stack/scratch-stores';
import { cloneRoot } from '#libs/runtime/project-root';
import { databaseName } from '#libs/runtime/settings';
import { databaseVariable, migrationDatabaseVariable, passwordVariable, type Service, services } from '#libs/runtime/topology';
import { withPassword } from '#libs/runtime/url-password';

/** `docker/databases.sh` and `migrate` on an empty Postgres, as compose and a cluster run them. */

const databases = services.filter(({ database }) => database);
const passwordOf = (login: string): string => `p@ss/w:rd#1 $HOME "\\ 'of' ${login} %41`;
const hasPsql = spawnSync('psql', ['--version']).status === 0;
if (!hasPsql) process.stderr.write('\nSKIPPED: the script of the databases. No psql on the PATH; install postgresql-client.\n\n');

let stores: ScratchStores;
beforeAll(async () => {
  stores = await startScratchStores();
});
afterAll(() => stores?.stop());

/** Without a password, as it stands in a manifest. */
function urlOf(service: Service, login: string): string {
  const url = new URL(stores.databaseUrl);
  url.username = login;
  url.password = '';
  url.pathname = `/${databaseName('only2u', service.name)}`;
  return url.href;
}

async function as<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
const asService = <T>(service: Service, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const login = databaseName('only2u', service.name);
  return as(withPassword(urlOf(service, login), passwordOf(login)), work);
};
/** The code of the error that Postgres refuses with. */
const refusalOf = (attempt: Promise<unknown>): Promise<string | undefined> =>
  attempt.then(
    () => 'allowed',
    (error: { code?: string }) => error.code,
  );
const FORBIDDEN = '42501';
const WRONG_PASSWORD = '28P01';

function run(command: string, args: readonly string[], env: Record<string, string>): void {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: cloneRoot(),
    env: { PATH: process.env.PATH ?? '', ...env },
    encoding: 'utf8',
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
}

describe.skipIf(!hasPsql)('the script of the databases and the migrations after it', () => {
  const variables: [service: Service, urlVariable: string, login: string][] = databases.flatMap((service) => {
    const login = databaseName('only2u', service.name);
    return [
      [service, databaseVariable(service.name), login],
      [service, migrationDatabaseVariable(service.name), ownerOf(login)],
    ];
  });
  const passwords = Object.fromEntries(variables.map(([, variable, login]) => [passwordVariable(variable), passwordOf(login)]));

  it('run on an empty Postgres, with passwords of any characters', () => {
    const { hostname, port, username, password } = new URL(stores.databaseUrl);
    const server = { PGHOST: hostname, PGPORT: port, PGDATABASE: 'postgres', PGPASSWORD: decodeURIComponent(password) };
    run('sh', [join('docker', 'databases.sh')], { ...server, POSTGRES_USER: username, ...passwords });
    const urls = Object.fromEntries(variables.map(([service, variable, login]) => [variable, urlOf(service, login)]));
    const secret = { BUS_SECRET: 'a secret of the test suite, long enough' };
    run(process.execPath, [join('dist', 'libs', 'runtime', 'migrate.js'), ...databases.map(({ name }) => name)], {
      ...secret,
      ...urls,
      ...passwords,
    });
  });

  it.each(databases)('give the login of $name its rows, and neither tables nor another database', async (service) => {
    const login = databaseName('only2u', service.name);
    expect(await refusalOf(as(withPassword(urlOf(service, login), 'not the password'), async () => undefined))).toBe(WRONG_PASSWORD);
    await asService(service, async (client) => {
      const { rows } = await client.query<{ name: string; rights: string }>(`
        SELECT relname AS name, concat_ws(' ', ${['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']
          .map((right) => `CASE WHEN has_table_privilege(oid, '${right}') THEN '${right}' END`)
          .join(', ')}) AS rights
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`);
      const rightsOf = new Map(rows.map(({ name, rights }) => [name, rights]));
      expect(rightsOf.size).toBeGreaterThan(4);
      for (const [name, rights] of rightsOf) {
        const expected = name === 'migrations' ? '' : name === 'audit_log' ? 'SELECT INSERT' : 'SELECT INSERT UPDATE DELETE';
        expect([name, rights]).toEqual([name, expected]);
      }
      for (const statement of [
        'CREATE TABLE loot (id int)',
        'DROP TABLE outbox',
        'ALTER TABLE outbox ADD COLUMN loot int',
        'TRUNCATE outbox',
        `CREATE ROLE loot`,
        'CREATE DATABASE loot',
        'SELECT * FROM migrations',
      ])
        expect([statement, await refusalOf(client.query(statement))]).toEqual([statement, FORBIDDEN]);
      await client.query(`INSERT INTO inbox (event_id) VALUES (gen_random_uuid())`);
      expect((await client.query('DELETE FROM inbox')).rowCount).toBe(1);
    });
    const other = databases.find(({ name }) => name !== service.name) as Service;
    expect(await refusalOf(as(withPassword(urlOf(other, login), passwordOf(login)), async () => undefined))).toBe(FORBIDDEN);
  });

  it('let the login of auth add to the audit log and read it, and nothing else', async () => {
    const auth = databases.find(({ name }) => name === 'auth') as Service;
    await asService(auth, async (client) => {
      const { rows } = await client.query<{ name: string }>(`
        SELECT column_name AS name FROM information_schema.columns
        WHERE table_name = 'audit_log' AND is_nullable = 'NO' AND column_default IS NULL AND data_type = 'text'`);
      const names = rows.map(({ name }) => name);
      await client.query(
        `INSERT INTO audit_log (id, ${names.join(', ')}) VALUES (gen_random_uuid(), ${names.map(() => `'suite'`).join(', ')})`,
      );
      expect((await client.query('SELECT 1 FROM audit_log')).rowCount).toBe(1);
      for (const statement of ['UPDATE audit_log SET at = now()', 'DELETE FROM audit_log', 'TRUNCATE audit_log', 'DROP TABLE audit_log'])
        expect([statement, await refusalOf(client.query(statement))]).toEqual([statement, FORBIDDEN]);
    });
  });
});
