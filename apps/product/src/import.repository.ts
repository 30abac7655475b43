import { Injectable } from '@nestjs/common';
import type { ImportProgress } from '#libs/contracts/product/staff-views';
import { claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { CsvLine } from './csv.ts';
import type { Column } from './import-row.ts';

/** Longer than a batch may take; an import whose process died is taken up by another after that. */
const LEASE_SECONDS = 10;
/** Errors that an answer has; all are counted. */
const SHOWN_ERRORS = 1_000;
/** Any number; batches of several imports take turns, for two files may make the same product. */
const IMPORT_LOCK = 4_202_200_102;

export interface ImportJob {
  readonly id: string;
  readonly dryRun: boolean;
  readonly userId: string;
  readonly columns: Column[];
  readonly rows: number;
  readonly done: number;
}

export interface WaitingRow {
  /** Its row in the file, counted from 0. */
  readonly number: number;
  readonly cells: string[];
}

/** What a row was about, so that a later row of the file does not say otherwise. */
export interface Mark {
  readonly number: number;
  /** Fields of the product; nothing for a variant. */
  readonly said: Readonly<Record<string, unknown>>;
}

export interface Outcome {
  readonly created: number;
  readonly changed: number;
  readonly errors: readonly { readonly number: number; readonly message: string }[];
  readonly marks: ReadonlyMap<string, Mark>;
}

const JOB = sql`id, dry_run AS "dryRun", by_user AS "userId", columns, rows, done`;

@Injectable()
export class ImportRepository {
  constructor(private readonly database: Database) {}

  async begin(job: {
    readonly id: string;
    readonly dryRun: boolean;
    readonly userId: string;
    readonly columns: readonly Column[];
  }): Promise<void> {
    const { id, dryRun, userId, columns } = job;
    await this.database.execute(
      sql`INSERT INTO imports (id, dry_run, by_user, columns) VALUES (${id}, ${dryRun}, ${userId}, ${columns}::text[])`,
    );
  }

  async addRows(id: string, first: number, rows: readonly CsvLine[]): Promise<void> {
    await this.database.execute(sql`
      INSERT INTO import_rows (import_id, number, file_row, cells)
      SELECT ${id}::uuid, ${first}::int + place - 1, (line ->> 'row')::int, ARRAY(SELECT jsonb_array_elements_text(line -> 'cells'))
      FROM jsonb_array_elements(${JSON.stringify(rows)}::jsonb) WITH ORDINALITY AS given (line, place)`);
  }

  /** All its rows are there: work may begin. */
  async complete(tx: Transaction, id: string, rows: number): Promise<void> {
    await tx.execute(sql`
      UPDATE imports SET state = CASE WHEN ${rows}::int = 0 THEN 'done' ELSE 'running' END, rows = ${rows} WHERE id = ${id}`);
  }

  async remove(id: string): Promise<void> {
    await this.database.execute(sql`DELETE FROM imports WHERE id = ${id} AND state = 'receiving'`);
  }

  async progress(id: string): Promise<ImportProgress | undefined> {
    const job = await this.database.row<Omit<ImportProgress, 'errors' | 'status'> & { state: 'running' | 'done' }>(sql`
      SELECT state, dry_run AS "dryRun", rows, done, created, changed, failed FROM imports WHERE id = ${id} AND state <> 'receiving'`);
    if (job === undefined) return undefined;
    const { state: status, ...counts } = job;
    // A spreadsheet counts its rows from 1.
    const errors = await this.database.rows<{ row: number; message: string }>(sql`
      SELECT number + 1 AS row, message FROM import_errors WHERE import_id = ${id} ORDER BY number LIMIT ${SHOWN_ERRORS}`);
    return { status, ...counts, errors };
  }

  /** Takes up an import that no replica works on. */
  claim(): Promise<ImportJob | undefined> {
    return this.database.row<ImportJob>(
      claim({
        table: sql`imports`,
        key: sql`id`,
        due: sql`leased_until`,
        where: sql`state = 'running'`,
        limit: 1,
        leaseSeconds: LEASE_SECONDS,
        returning: JOB,
      }),
    );
  }

  next({ id, done }: ImportJob, limit: number): Promise<WaitingRow[]> {
    return this.database.rows<WaitingRow>(
      // Where the version before has stored it, there is only its place among the rows that are not empty.
      sql`
        SELECT coalesce(file_row - 1, r.number) AS number, cells FROM import_rows r
        WHERE import_id = ${id} AND r.number > ${done} ORDER BY r.number LIMIT ${limit}`,
    );
  }

  async takeTurn(tx: Transaction): Promise<void> {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${IMPORT_LOCK}::bigint)`);
  }

  async marks(tx: Transaction, id: string, names: readonly string[]): Promise<Map<string, Mark>> {
    const rows = await tx.rows<{ mark: string; number: number; said: string }>(
      sql`SELECT mark, number, said FROM import_marks WHERE import_id = ${id} AND mark = ANY(${names}::text[])`,
    );
    return new Map(rows.map(({ mark, number, said }) => [mark, { number, said: JSON.parse(said) }]));
  }

  /**
   * Counts these rows as done, in the transaction of what they did. Undefined, and the transaction must be undone, where another replica has
   * done them meanwhile.
   */
  async advance(
    tx: Transaction,
    job: ImportJob,
    rows: number,
    { created, changed, errors, marks }: Outcome,
  ): Promise<ImportJob | undefined> {
    const { id, done } = job;
    const after = await tx.row<ImportJob & { isOver: boolean }>(sql`
      UPDATE imports SET done = done + ${rows}::int, created = created + ${created}::int, changed = changed + ${changed}::int,
        failed = failed + ${errors.length}::int, leased_until = ${fromNow(LEASE_SECONDS)},
        state = CASE WHEN done + ${rows}::int = rows THEN 'done' ELSE 'running' END
      WHERE id = ${id} AND done = ${done} AND state = 'running' RETURNING ${JOB}, state = 'done' AS "isOver"`);
    if (after === undefined) return undefined;
    const { isOver, ...next } = after;
    tx.send(sql`DELETE FROM import_rows WHERE import_id = ${id} AND number <= ${next.done}`);
    if (errors.length > 0)
      tx.send(sql`
        INSERT INTO import_errors (import_id, number, message)
        SELECT ${id}::uuid, number, message FROM unnest(${errors.map(({ number }) => number)}::int[],
          ${errors.map(({ message }) => message.slice(0, 1_000))}::text[]) AS failed (number, message)`);
    if (isOver) tx.send(sql`DELETE FROM import_marks WHERE import_id = ${id}`);
    else if (marks.size > 0) this.keepMarks(tx, id, marks);
    return next;
  }

  private keepMarks(tx: Transaction, id: string, marks: ReadonlyMap<string, Mark>): void {
    const entries = [...marks];
    tx.send(sql`
      INSERT INTO import_marks (import_id, mark, number, said)
      SELECT ${id}::uuid, mark, number, said FROM unnest(${entries.map(([mark]) => mark)}::text[],
        ${entries.map(([, { number }]) => number)}::int[], ${entries.map(([, { said }]) => JSON.stringify(said))}::text[]) AS new (mark, number, said)
      ON CONFLICT (import_id, mark) DO UPDATE SET said = excluded.said`);
  }
}
