import type { QueryRunner } from 'typeorm';

/*
 * What a migration of a large table is made of, so that nobody waits for it: short transactions, batches of rows, indexes beside the writers.
 * The migration says `transaction = false`, and each of its steps may be done twice, for a run that was cut off begins anew.
 */

/** One short transaction: what it locks, it locks for as long. */
export async function inTransaction(runner: QueryRunner, work: () => Promise<void>): Promise<void> {
  await runner.query('START TRANSACTION');
  try {
    await work();
    await runner.query('COMMIT');
  } catch (error) {
    await runner.query('ROLLBACK');
    throw error;
  }
}

/** A table and all that must come with it, such as the triggers that fill it, in one short transaction; nothing where the table is there. */
export async function createTable(runner: QueryRunner, table: string, statements: readonly string[]): Promise<void> {
  const [{ done } = { done: false }]: { done: boolean }[] = await runner.query('SELECT to_regclass($1) IS NOT NULL AS done', [table]);
  if (done) return;
  await inTransaction(runner, async () => {
    for (const statement of statements) await runner.query(statement);
  });
}

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/**
 * Goes over the rows of a table by their ids, so many a statement. The statement takes the last id ($1) and the number of rows ($2), and answers
 * the last id of its own as `last`, null where there are none.
 */
export async function overAllRows(runner: QueryRunner, rows: number, statement: string): Promise<void> {
  for (let last: string | null = BEFORE_ALL; last !== null; ) {
    const [batch]: { last: string | null }[] = await runner.query(statement, [last, rows]);
    last = batch?.last ?? null;
  }
}

/** Builds an index beside the writers; what a run that was cut off has left of it is not valid and goes first. `on`: `orders (number)`. */
export async function buildIndex(runner: QueryRunner, name: string, on: string): Promise<void> {
  await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  await runner.query(`CREATE INDEX CONCURRENTLY ${name} ON ${on}`);
}
