import { hash } from 'node:crypto';

/** A statement as node-postgres takes it; the name makes Postgres parse and plan it once a connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A piece of SQL with its values, to be put into another piece or run. */
export class Sql implements Statement {
  constructor(
    private readonly strings: readonly string[],
    private readonly parts: readonly unknown[],
  ) {}

  private built: { readonly text: string; readonly values: readonly unknown[] } | undefined;

  get text(): string {
    return this.build().text;
  }

  get values(): readonly unknown[] {
    return this.build().values;
  }

  get name(): string {
    return nameOf(this.text);
  }

  private build(): { readonly text: string; readonly values: readonly unknown[] } {
    if (this.built === undefined) {
      const values: unknown[] = [];
      this.built = { text: this.render(values), values };
    }
    return this.built;
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

const names = new Map<string, string>();

/** One name, one text: a name that stood for another text would run the wrong statement. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `s${hash('sha1', text, 'hex').slice(0, 24)}`;
    names.set(text, name);
  }
  return name;
}

/** `sql\`… WHERE id = ${id} AND ${condition}\``: values become parameters, nested pieces become text. */
export const sql = (strings: TemplateStringsArray, ...parts: unknown[]): Sql => new Sql(strings, parts);

const EMPTY = new Sql([''], []);

/** Pieces with a separator between them: `joined(conditions, ' AND ')`. */
export function joined(pieces: readonly Sql[], separator: string): Sql {
  if (pieces.length === 0) return EMPTY;
  return new Sql(['', ...Array<string>(pieces.length - 1).fill(separator), ''], pieces);
}

/** The piece, or nothing. */
export const when = (condition: boolean, piece: () => Sql): Sql => (condition ? piece() : EMPTY);
