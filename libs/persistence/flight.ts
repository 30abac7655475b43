import pg from 'pg';
import { prepareValue } from 'pg/lib/utils.js';
import type { Statement } from './sql.ts';

/** What a statement did: its rows, and how many it touched. */
export interface Outcome {
  readonly rows: unknown[];
  readonly rowCount: number;
  /** `SELECT`, `COMMIT`, … */
  readonly command: string;
}

/** The parts of node-postgres' connection that a flight writes to. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  /** Names that Postgres has parsed on this connection, and those whose Parse is on its way. */
  readonly parsedStatements: Record<string, string>;
  readonly submittedNamedStatements: Record<string, string>;
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: readonly unknown[]; valueMapper: (value: unknown) => unknown }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(message: object): void;
  sync(): void;
}

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}
type Reader = (values: readonly (string | null)[]) => unknown;

/** How the rows of a named statement are read, by connection: Postgres describes them once. Null for a statement without rows. */
const readers = new WeakMap<Wire, Map<string, Reader | null>>();

interface Seat {
  readonly statement: Statement;
  readonly values: readonly unknown[];
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  readonly rows: unknown[];
  rowCount: number;
  command: string;
  /** The name under which this flight has it parsed; undefined when it was parsed before, or for this run alone. */
  parsedAs: string | undefined;
  reader: Reader | null | undefined;
}

/**
 * Statements that leave in one write and end with one Sync, so Postgres answers them in one piece. Outside an explicit transaction they are
 * one implicit transaction: all take effect or none. Results count only once Postgres is ready for the next flight; when a statement fails,
 * those behind it are skipped, and all of the flight's answers are that statement's error.
 *
 * Named statements are parsed once a connection and described once, after which their rows are read by generated code. A name whose Parse is
 * still on its way in an earlier flight may fail with it, so meanwhile the statement goes without a name.
 */
export class Flight extends pg.Query {
  private readonly seats: Seat[] = [];
  /** The seat whose answer comes next. */
  private at = 0;
  private wire: Wire | undefined;

  constructor() {
    super('');
  }

  get size(): number {
    return this.seats.length;
  }

  /** Takes the seat before all others. */
  addFirst(statement: Statement): void {
    this.add(statement).catch(() => undefined);
    const seat = this.seats.pop();
    if (seat !== undefined) this.seats.unshift(seat);
  }

  /** Takes a seat. @throws what a value that Postgres cannot take throws, before anything is sent. */
  add(statement: Statement): Promise<Outcome> {
    const values = statement.values.map((value) => prepareValue(value));
    return new Promise((resolve, reject) => {
      this.seats.push({
        statement,
        values,
        resolve,
        reject,
        rows: [],
        rowCount: 0,
        command: '',
        parsedAs: undefined,
        reader: undefined,
      });
    });
  }

  /** Called by node-postgres when it is this flight's turn on the connection. */
  override submit = (connection: unknown): undefined => {
    const wire = connection as Wire;
    this.wire = wire;
    wire.stream.cork();
    try {
      for (const seat of this.seats) this.write(seat, wire);
      wire.sync();
    } finally {
      // Flights of one tick share a write.
      process.nextTick(() => wire.stream.uncork());
    }
  };

  /** Asked by node-postgres when a Parse was successful: the name is known on the connection from then on. */
  get name(): string | undefined {
    return this.seats[this.at]?.parsedAs;
  }

  get text(): string {
    return this.seats[this.at]?.statement.text ?? '';
  }

  set name(_: string | undefined) {}
  set text(_: string) {}

  handleRowDescription(message: { fields: readonly Field[] }): void {
    const seat = this.seats[this.at];
    if (seat !== undefined) this.learn(seat, readerOf(message.fields));
  }

  handleDataRow(message: { fields: readonly (string | null)[] }): void {
    const seat = this.seats[this.at];
    if (seat?.reader) seat.rows.push(seat.reader(message.fields));
  }

  handleCommandComplete(message: { text: string }): void {
    const seat = this.seats[this.at];
    if (seat === undefined) return;
    if (seat.reader === undefined) this.learn(seat, null);
    const words = message.text.split(' ');
    seat.command = words[0] ?? '';
    seat.rowCount = Number(words.at(-1)) || 0;
    this.at += 1;
  }

  handleReadyForQuery(): void {
    for (const { rows, rowCount, command, resolve } of this.seats) resolve({ rows, rowCount, command });
    this.done(null);
  }

  handleError(error: Error): void {
    // What was to be parsed behind the failed statement was skipped.
    for (const { parsedAs } of this.seats.slice(this.at)) if (parsedAs !== undefined) delete this.wire?.submittedNamedStatements[parsedAs];
    for (const { reject } of this.seats) reject(error);
    this.done(error);
  }

  private done(error: Error | null): void {
    // Set by node-postgres, where a silent server has a time-out.
    (this as { callback?: (error: Error | null) => void }).callback?.(error);
  }

  private write(seat: Seat, wire: Wire): void {
    const { name, text } = seat.statement;
    const isOwn = this.seats.some(({ parsedAs }) => parsedAs === name);
    const isKnown = isOwn || wire.parsedStatements[name] !== undefined;
    const isOnItsWay = !isKnown && wire.submittedNamedStatements[name] !== undefined;
    const as = isOnItsWay ? '' : name;
    if (!isKnown) {
      wire.parse({ name: as, text });
      if (!isOnItsWay) {
        seat.parsedAs = name;
        wire.submittedNamedStatements[name] = text;
      }
    }
    wire.bind({ statement: as, values: seat.values, valueMapper: asIs });
    seat.reader = isKnown ? readersOf(wire).get(name) : undefined;
    if (seat.reader === undefined) wire.describe({ type: 'P', name: '' });
    wire.execute({});
  }

  private learn(seat: Seat, reader: Reader | null): void {
    seat.reader = reader;
    if (this.wire !== undefined) readersOf(this.wire).set(seat.statement.name, reader);
  }
}

const asIs = (value: unknown): unknown => value;

function readersOf(wire: Wire): Map<string, Reader | null> {
  const known = readers.get(wire) ?? new Map<string, Reader | null>();
  readers.set(wire, known);
  return known;
}

const TEXT = new Set<number>([pg.types.builtins.TEXT, pg.types.builtins.VARCHAR, pg.types.builtins.BPCHAR, pg.types.builtins.UUID]);

/** Code that makes one object of a row, with all its members in one shape. Names are quoted as JSON, so none of them can become code. */
function readerOf(fields: readonly Field[]): Reader {
  const members = fields.map(({ name, dataTypeID }, index) => {
    const read = TEXT.has(dataTypeID) ? `v[${index}]` : `v[${index}] === null ? null : p[${index}](v[${index}])`;
    return `${JSON.stringify(name)}: ${read}`;
  });
  const parsers = fields.map(({ dataTypeID }) => pg.types.getTypeParser(dataTypeID));
  return new Function('p', `return (v) => ({ ${members.join(', ')} });`)(parsers) as Reader;
}
