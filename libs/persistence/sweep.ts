import type { Database } from './database.ts';
import type { Statement } from './sql.ts';

/** Rows that one statement of a sweep removes. */
export const SWEEP_ROWS = 1_000;
/** A round ends here, so that a sweep of millions leaves room for others and goes on in the next. */
const MAX_BATCHES = 100;

/** Repeats a statement that removes up to `SWEEP_ROWS` rows until it finds fewer. How many went. */
export async function inBatches(statement: Statement, database: Database): Promise<number> {
  let removed = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
    const rows = await database.execute(statement);
    removed += rows;
    if (rows < SWEEP_ROWS) break;
  }
  return removed;
}
