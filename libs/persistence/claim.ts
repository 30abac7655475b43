import { type Sql, sql, when } from './sql.ts';

export interface Claim {
  readonly table: Sql;
  /** The primary key's column. */
  readonly key: Sql;
  /** A `timestamptz` column: when somebody may take the row up. */
  readonly due: Sql;
  readonly where?: Sql;
  /** Rows that claim for themselves each, up to `limit`, such as `unnest(…) AS lane (name, most)`: `where` and `limit` may have their columns. */
  readonly each?: Sql;
  readonly limit: number | Sql;
  /** Seconds that the row is the claimer's alone; a piece of SQL where they depend on the row. */
  readonly leaseSeconds: number | Sql;
  /** Further assignments, such as `attempts = attempts + 1`. */
  readonly set?: Sql;
  readonly returning: Sql;
}

/** The rows that are free now; locked, and passed over where somebody else has them. */
const freeRows = ({
  table,
  key,
  due,
  where,
  limit,
}: Pick<Claim, 'table' | 'key' | 'due' | 'limit'> & { readonly where: Sql | undefined }): Sql => sql`
    SELECT ${key} AS claimed_key FROM ${table} WHERE ${due} <= now()${when(where !== undefined, () => sql` AND ${where}`)}
    ORDER BY ${due} LIMIT ${limit} FOR UPDATE SKIP LOCKED`;

/**
 * Takes up rows that are due, the longest due first, and puts their next moment a lease ahead: whoever dies with a claim delays the row by
 * the lease and loses nothing. Replicas that claim at once get different rows and do not wait for each other.
 */
export function claim({ table, key, due, where, each, limit, leaseSeconds, set, returning }: Claim): Sql {
  // As a CTE, for a planner may run a sub-select with LIMIT more than once, and lock more than it says. By an array, which it takes to be
  // short: joined, it would read the whole of a long queue for a limit that it does not know.
  return sql`
    WITH claimed AS MATERIALIZED (${when(each !== undefined, () => sql`SELECT claimed_key FROM ${each} CROSS JOIN LATERAL (`)}${freeRows({ table, key, due, where, limit })}${when(each !== undefined, () => sql`) AS free`)})
    UPDATE ${table} SET ${due} = ${fromNow(leaseSeconds)}${when(set !== undefined, () => sql`, ${set}`)}
    WHERE ${key} = ANY(ARRAY(SELECT claimed_key FROM claimed))
    RETURNING ${returning}`;
}

export const fromNow = (seconds: number | Sql): Sql => sql`now() + make_interval(secs => (${seconds})::float8)`;

/**
 * Does `work` and renews its lease beside it, so that the lease may be far shorter than the work: where the process dies, others wait for the
 * rest of a lease and not for the longest that the work may take. A renewal that fails stops nothing: what `work` ends with must be guarded.
 */
export async function whileRenewing<T>(renew: () => Promise<unknown>, everyMs: number, work: () => Promise<T>): Promise<T> {
  let renewing: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    renewing ??= renew()
      .catch(() => undefined)
      .finally(() => {
        renewing = undefined;
      });
  }, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    // It must not undo what is done with the lease next.
    await renewing;
  }
}

export interface Backoff {
  /** Seconds that the first pause is drawn from; each further try doubles it. */
  readonly baseSeconds: number;
  readonly maxSeconds: number;
}

const MAX_DOUBLINGS = 16;

/** Seconds before try `tries + 1`, between half and all of the doubled base, so that what failed together does not come back together. */
export const backoff = (tries: number, { baseSeconds, maxSeconds }: Backoff): number =>
  (0.5 + Math.random() / 2) * Math.min(maxSeconds, baseSeconds * 2 ** Math.min(tries, MAX_DOUBLINGS));

/** The same where the tries are a column. */
export const backoffOf = (tries: Sql, { baseSeconds, maxSeconds }: Backoff): Sql =>
  sql`(0.5 + random() / 2) * least(${maxSeconds}::float8, ${baseSeconds}::float8 * power(2, least(${tries}, ${MAX_DOUBLINGS}::int)))`;
