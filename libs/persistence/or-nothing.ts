import { codeOf } from './database-errors.ts';
import { type Sql, sql } from './sql.ts';

/**
 * The end of a statement that makes several changes in its CTEs: it answers where the condition holds, and where it does not the statement
 * fails, so that Postgres undoes all of it. So one statement, in one flight, makes the usual case; `allOrNothing` tells when it was not one.
 *
 * All parts of a statement see the same snapshot: a row that one part writes is not there for the others, which take it from `RETURNING`, and
 * no row may be written by two parts.
 */
export const orNothing = (condition: Sql, also: Sql = sql`1 AS done`): Sql => sql`SELECT ${also}, 1 / (${condition})::int AS whole`;

const DIVISION_BY_ZERO = '22012';

/** The answer of a statement that ends with `orNothing`; undefined when it came to nothing. */
export async function allOrNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (codeOf(error) === DIVISION_BY_ZERO) return undefined;
    throw error;
  }
}
