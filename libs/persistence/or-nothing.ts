import { type Sql, sql } from './sql.ts';

/**
 * The end of a statement that makes several changes in its CTEs: it answers where the condition holds, and where it does not the statement
 * fails, so that Postgres undoes all of it. For a condition that only a bug or a lost race can break, as Postgres logs each failure as an error;
 * where coming to nothing is usual, let each change take its rows from the `RETURNING` of the one it depends on.
 *
 * All parts of a statement see the same snapshot: a row that one part writes is not there for the others, and no row may be written by two parts.
 */
export const orNothing = (condition: Sql, also: Sql = sql`1 AS done`): Sql => sql`SELECT ${also}, 1 / (${condition})::int AS whole`;
