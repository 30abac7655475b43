import pg from 'pg';
import type { DataSource } from 'typeorm';

export interface Rights {
  /** The login that the service runs as. */
  readonly login: string;
  /** Tables that it may add to and read, and never change or empty. */
  readonly appendOnly: readonly string[];
}

/**
 * Gives a service's login what a service does: reading and changing rows. Tables, and the right to change them, stay with the login that
 * migrates, so that whoever gets into a service can neither drop a table nor take a line out of a book.
 */
export async function grantRights(source: DataSource, { login, appendOnly }: Rights): Promise<void> {
  // DDL takes no parameters; the driver escapes.
  const role = pg.escapeIdentifier(login);
  const [{ isOwner } = { isOwner: true }] = await source.query<{ isOwner: boolean }[]>(`SELECT current_user = $1 AS "isOwner"`, [login]);
  if (isOwner) return;
  await source.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
  await source.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`);
  await source.query(`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role}`);
  await source.query(`REVOKE ALL ON migrations FROM ${role}`);
  for (const table of appendOnly) await source.query(`REVOKE UPDATE, DELETE ON ${pg.escapeIdentifier(table)} FROM ${role}`);
}
