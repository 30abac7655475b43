/** A span of time, as people and PostgreSQL's `interval` both read it. */
export type Term = `${number} ${'minute' | 'hour' | 'day' | 'year'}${'s' | ''}`;

/** Rows that the sweep removes when this long has passed since the moment in a column. An index must lead to that column. */
interface ByAge {
  readonly keptFor: Term;
  readonly since: string;
  /** A condition in SQL that the rows must meet too. */
  readonly where?: string;
  readonly why: string;
}

/** Rows that carry their own end: whoever writes them adds the term, and the sweep removes them when that moment has passed. */
interface ByEnd {
  readonly keptFor: Term;
  readonly until: string;
  readonly why: string;
}

/** Rows that a statement of their own removes or changes, which takes the term from here: a file of the app, or a function of the database. */
interface ByOwnStatement {
  readonly keptFor: Term;
  readonly removedBy: `src/${string}.repository.ts` | `${string}()`;
  readonly why: string;
}

/** Rows that go with something else: work that is done, an account, the row that they belong to. */
interface ByEvent {
  readonly keptUntil: string;
  readonly why: string;
}

interface Forever {
  /** The reason. */
  readonly keptForever: string;
}

export type SweptRule = ByAge | ByEnd;
export type Rule = SweptRule | ByOwnStatement | ByEvent | Forever;

/** How long each table's rows are kept; `but` names those of its rows for which something else holds. */
export type Retention = Readonly<Record<string, Rule & { readonly but?: Readonly<Record<string, Rule>> }>>;

/** For the tables that every service has. */
export const sharedRetention = {
  outbox: { keptUntil: 'their subscriber has answered', why: 'letters on their way; those that are dead wait for an admin' },
  inbox: { keptFor: '30 days', since: 'received_at', why: 'an event is delivered for a day, and replayed by hand for some weeks' },
  idempotency_keys: { keptFor: '25 hours', since: 'created_at', why: 'a key is good for 24 hours' },
} as const satisfies Retention;

export const isSwept = (rule: Rule): rule is SweptRule => 'since' in rule || 'until' in rule;

/** Every rule with its table; `rows` is the name of an exception. */
export const rulesOf = (retention: Retention): { readonly table: string; readonly rows: string | undefined; readonly rule: Rule }[] =>
  Object.entries(retention).flatMap(([table, { but = {}, ...rule }]) => [
    { table, rows: undefined, rule },
    ...Object.entries(but).map(([rows, exception]) => ({ table, rows, rule: exception })),
  ]);

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000, year: 366 * 86_400_000 };

/** For code that reckons without the database; years are leap years, so that nothing goes too early. */
export function millisecondsOf(term: Term): number {
  const [count, unit = ''] = term.split(' ');
  return Number(count) * UNIT_MS[unit.replace(/s$/, '') as keyof typeof UNIT_MS];
}
