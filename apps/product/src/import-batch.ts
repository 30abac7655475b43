import { Injectable } from '@nestjs/common';
import { Refusal } from '#libs/contracts/errors';
import { readInput } from '#libs/contracts/shape';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectSettings } from '#libs/runtime/core.module';
import type { Settings } from '#libs/runtime/settings';
import { type ImportJob, ImportRepository, type Mark, type Outcome, type WaitingRow } from './import.repository.ts';
import { ImportCatalogueRepository } from './import-catalogue.repository.ts';
import { ImportPlan, saidOf, WrongRow } from './import-plan.ts';
import { ImportRow, rowOf } from './import-row.ts';
import { ImportWriter } from './import-writer.ts';
import type { CategoryRow } from './product.ts';

interface ReadRow {
  readonly number: number;
  readonly row: ImportRow;
}
interface RowFault {
  readonly number: number;
  readonly message: string;
}

/** What a dry run would have done: it undoes the transaction. */
class DryRun extends Error {
  constructor(readonly outcome: Outcome) {
    super('a dry run changes nothing');
  }
}

/** Another replica has done these rows. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** A few rows of an import: what they do and how far the import has come are one transaction, so that a crash neither loses nor doubles a row. */
@Injectable()
export class ImportBatch {
  constructor(
    private readonly database: Database,
    private readonly jobs: ImportRepository,
    private readonly catalogue: ImportCatalogueRepository,
    private readonly writer: ImportWriter,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /** @throws Overtaken; and what the database refuses, such as a SKU that was taken at this moment. */
  run(job: ImportJob, rows: readonly WaitingRow[]): Promise<ImportJob> {
    return job.dryRun
      ? this.rehearse(job, rows)
      : this.database.transaction(async (tx) => this.advanced(tx, job, rows, await this.apply(tx, job, rows)));
  }

  /** Counts a row that could not be taken. */
  fail(job: ImportJob, { number }: WaitingRow, message: string): Promise<ImportJob> {
    const outcome: Outcome = { created: 0, changed: 0, errors: [{ number, message }], marks: new Map() };
    return this.database.transaction((tx) => this.advanced(tx, job, [{ number, cells: [] }], outcome));
  }

  private async rehearse(job: ImportJob, rows: readonly WaitingRow[]): Promise<ImportJob> {
    const rehearsal = this.database.transaction<Outcome>(async (tx) => {
      throw new DryRun(await this.apply(tx, job, rows));
    });
    const outcome = await rehearsal.catch((error: unknown) => {
      if (error instanceof DryRun) return error.outcome;
      throw error;
    });
    return this.database.transaction((tx) => this.advanced(tx, job, rows, outcome));
  }

  private async advanced(tx: Transaction, job: ImportJob, rows: readonly WaitingRow[], outcome: Outcome): Promise<ImportJob> {
    const next = await this.jobs.advance(tx, job, rows.length, outcome);
    if (next === undefined) throw new Overtaken();
    return next;
  }

  private async apply(tx: Transaction, job: ImportJob, waiting: readonly WaitingRow[]): Promise<Outcome> {
    await this.jobs.takeTurn(tx);
    const { rows, faults } = readAll(job, waiting);
    const plan = await this.planFor(tx, job, rows);
    const marks = await this.jobs.marks(tx, job.id, [...namesIn(plan, rows), ...(job.dryRun ? rows.flatMap(triedNamesOf) : [])]);
    // What earlier batches have made of the catalogue was undone with them.
    if (job.dryRun) for (const [name, { said }] of marks) plan.remake(name, readInput(ImportRow, { ...said }));
    const outcome = { created: 0, changed: 0 };
    for (const { number, row } of rows) {
      try {
        const names = plan.namesOf(row, plan.productOf(row));
        const said = agreed(marks, names.product, number, row);
        refuseTwice(marks, names.variant);
        const effect = plan.take(row);
        if (effect !== 'same') outcome[effect] += 1;
        for (const name of names.product) marks.set(name, said);
        if (job.dryRun) for (const name of triedNamesOf({ row })) marks.set(name, said);
        for (const name of names.variant) marks.set(name, { number, said: {} });
      } catch (error) {
        if (!(error instanceof WrongRow)) throw error;
        faults.push({ number, message: error.message });
      }
    }
    await this.writer.write(tx, plan, job.userId);
    return { ...outcome, errors: faults, marks };
  }

  private async planFor(tx: Transaction, { dryRun }: ImportJob, rows: readonly ReadRow[]): Promise<ImportPlan> {
    const inputs = rows.map(({ row }) => row);
    const named = inputs.flatMap(({ category }) => category?.toLowerCase() ?? []);
    const categories = categoriesByName(await this.catalogue.holdCategories(tx, dryRun ? 'all' : named));
    const products = await this.catalogue.products(tx, await this.catalogue.find(tx, inputs));
    const variants = await this.catalogue.variants(
      tx,
      products.map(({ id }) => id),
    );
    const { IMAGE_ORIGINS: allowed } = this.settings;
    return new ImportPlan(
      products,
      variants,
      categories,
      (url) => url.startsWith('/') || (URL.canParse(url) && (allowed.length === 0 || allowed.includes(new URL(url).origin))),
    );
  }
}

/** Under which names a row of a dry run finds what earlier rows have made: in the catalogue it is not. */
const triedNamesOf = ({ row: { slug, name, brand } }: Pick<ReadRow, 'row'>): string[] => [
  ...(slug === undefined ? [] : [`tried:slug:${slug}`]),
  ...(name === undefined || brand === undefined ? [] : [`tried:name:${name.toLowerCase()}\n${brand.toLowerCase()}`]),
];

/** Rows as they can be understood; the others with what is wrong about them. */
function readAll({ columns }: ImportJob, waiting: readonly WaitingRow[]): { rows: ReadRow[]; faults: RowFault[] } {
  const rows: ReadRow[] = [];
  const faults: RowFault[] = [];
  for (const { number, cells } of waiting) {
    try {
      rows.push({ number, row: rowOf(columns, cells) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      faults.push({ number, message: messageOf(error) });
    }
  }
  return { rows, faults };
}

export function messageOf({ detail, fields }: Refusal): string {
  const errors: unknown = fields.errors;
  if (!Array.isArray(errors)) return detail;
  return errors.map(({ path, message }: { path: string; message: string }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}

/** Under every name that rows of the batch may have, also where one is wrong. */
function namesIn(plan: ImportPlan, rows: readonly ReadRow[]): string[] {
  return rows.flatMap(({ row }) => {
    try {
      const { product, variant } = plan.namesOf(row, plan.productOf(row));
      return [...product, ...variant];
    } catch {
      return [];
    }
  });
}

/** What rows up to this one say of the product. @throws WrongRow where an earlier one said otherwise */
function agreed(marks: ReadonlyMap<string, Mark>, names: readonly string[], number: number, row: ImportRow): Mark {
  const said = saidOf(row);
  const earlier = names.map((name) => marks.get(name)).find((mark) => mark !== undefined);
  if (earlier === undefined) return { number, said };
  const field = Object.keys(said).find((name) => name in earlier.said && JSON.stringify(earlier.said[name]) !== JSON.stringify(said[name]));
  if (field !== undefined) throw new WrongRow(`${field}: row ${earlier.number + 1} says otherwise of the same product`);
  return { number: earlier.number, said: { ...earlier.said, ...said } };
}

function refuseTwice(marks: ReadonlyMap<string, Mark>, names: readonly string[]): void {
  const earlier = names.map((name) => marks.get(name)).find((mark) => mark !== undefined);
  if (earlier !== undefined) throw new WrongRow(`row ${earlier.number + 1} is about the same variant`);
}

/** By id, by slug, and by name where only one is called so. */
function categoriesByName(rows: readonly CategoryRow[]): Map<string, string> {
  const names = Map.groupBy(rows, ({ name }) => name.toLowerCase());
  return new Map([
    ...[...names].flatMap(([name, [only, ...others]]): [string, string][] =>
      only === undefined || others.length > 0 ? [] : [[name, only.id]],
    ),
    ...rows.flatMap(({ id, slug }): [string, string][] => [
      [slug, id],
      [id, id],
    ]),
  ]);
}
