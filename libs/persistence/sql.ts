import { hash } from 'node:crypto';

/** A statement as node-postgres takes it; the name makes Postgres parse and plan it once a connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /** Planned anew for its values at each run, instead of once for all of them. */
  readonly isPlannedByValues?: boolean;
}

/** What Postgres sees of a template without nested pieces; its strings are one object for the life of the program. */
const flat = new WeakMap<readonly string[], { readonly text: string; readonly name: string }>();

/** A piece of SQL with its values, to be put into another piece or run. */
export class Sql implements Statement {
  constructor(
    private readonly strings: readonly string[],
    private readonly parts: readonly unknown[],
  ) {}

  private built: Statement | undefined;

  get text(): string {
    return this.build().text;
  }

  get values(): readonly unknown[] {
    return this.build().values;
  }

  get name(): string {
    return this.build().name;
  }

  private build(): Statement {
    this.built ??= this.parts.some((part) => part instanceof Sql) ? this.compose() : { ...this.flatten(), values: this.parts };
    return this.built;
  }

  private flatten(): { readonly text: string; readonly name: string } {
    let known = flat.get(this.strings);
    if (known === undefined) {
      const text = this.render([]);
      known = { text, name: nameOf(text) };
      flat.set(this.strings, known);
    }
    return known;
  }

  private compose(): Statement {
    const values: unknown[] = [];
    const text = this.render(values);
    return { text, name: nameOf(text), values };
  }

  private render(values: unknown[]): string {
    let text = this.strings[0] ?? '';
    for (const [index, part] of this.parts.entries()) {
      if (part instanceof Sql) text += part.render(values);
      else text += `$${values.push(part)}`;
      text += this.strings[index + 1] ?? '';
    }
    return text;
  }
}

/** Lists of varying length make ever new texts; what was named first is hashed again when it comes back. */
const MAX_NAMES = 2_000;
const names = new Map<string, string>();

/** One name, one text: a name that stood for another text would run the wrong statement. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `s${hash('sha1', text, 'hex').slice(0, 24)}`;
    if (names.size >= MAX_NAMES) names.clear();
    names.set(text, name);
  }
  return name;
}

/** `sql\`… WHERE id = ${id} AND ${condition}\``: values become parameters, nested pieces become text. */
export const sql = (strings: TemplateStringsArray, ...parts: unknown[]): Sql => new Sql(strings, parts);

/**
 * For a statement whose best plan depends on its values, such as a list with filters or a search: a rare colour and a common one want different
 * plans. All others are planned once a connection,
 * for planning often costs more than the statement.
 */
export const plannedByValues = ({ name, text, values }: Statement): Statement => ({ name, text, values, isPlannedByValues: true });

const READS = /^\s*(SELECT|WITH)\b/i;
const WRITES_OR_LOCKS = /\b(INSERT|UPDATE|DELETE|MERGE|SHARE|nextval|pg_(try_)?advisory\w*|pg_terminate_backend|pg_sleep)\b/i;
const reads = new Map<string, boolean>();

/** Whether a statement only reads, and waits for no lock of a row. */
export function isRead({ name, text }: Statement): boolean {
  let known = reads.get(name);
  if (known === undefined) {
    known = READS.test(text) && !WRITES_OR_LOCKS.test(text);
    if (reads.size >= MAX_NAMES) reads.clear();
    reads.set(name, known);
  }
  return known;
}

const EMPTY = new Sql([''], []);

/** Pieces with a separator between them: `joined(conditions, ' AND ')`. */
export function joined(pieces: readonly Sql[], separator: ', ' | ' AND ' | ' OR ' | ' ' | ' UNION ALL '): Sql {
  if (pieces.length === 0) return EMPTY;
  return new Sql(['', ...Array<string>(pieces.length - 1).fill(separator), ''], pieces);
}

/** The piece, or nothing. */
export const when = (condition: boolean, piece: () => Sql): Sql => (condition ? piece() : EMPTY);
