import type { Database } from './database.ts';
import { isSwept, type Retention, rulesOf, type SweptRule, sharedRetention } from './retention.ts';
import { Sql, type Statement } from './sql.ts';

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

/** Removes a batch of a table's rows, the oldest first. By their place, so that a row that was just renewed stays. */
export function sweepOf(table: string, rule: SweptRule): Statement {
  const [column, kept] = 'until' in rule ? [rule.until, '0 days'] : [rule.since, rule.keptFor];
  const condition = 'where' in rule && rule.where !== undefined ? ` AND (${rule.where})` : '';
  return new Sql(
    [
      `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${column} < now() - `,
      `::interval${condition} ORDER BY ${column} LIMIT `,
      '))',
    ],
    [kept, SWEEP_ROWS],
  );
}

/** Removes the rows of a service whose time is over, as far as their table's declaration says it all. */
export class Sweeper {
  private readonly statements: readonly Statement[];

  constructor(
    private readonly database: Database,
    retention: Retention,
  ) {
    this.statements = rulesOf({ ...sharedRetention, ...retention }).flatMap(({ table, rule }) =>
      isSwept(rule) ? [sweepOf(table, rule)] : [],
    );
  }

  /** A table that cannot be swept holds up no other. */
  async sweep(): Promise<void> {
    const failures: unknown[] = [];
    for (const statement of this.statements) await inBatches(statement, this.database).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
