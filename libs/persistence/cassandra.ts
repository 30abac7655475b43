import { Client, type ClientOptions, errors, policies, type QueryOptions, types } from 'cassandra-driver';
import { within } from '#libs/contracts/time-limit';
import { cassandraSeconds } from '#libs/observability/metrics';
import { DatabaseUnavailable } from './database-errors.ts';

export interface CassandraPlace {
  /** host:port, or host. */
  readonly contactPoints: readonly string[];
  readonly dataCenter: string;
  readonly keyspace: string;
  readonly login?: { readonly username: string; readonly password: string };
}

export interface CassandraSchema {
  /** Copies of each row in the data centre; 3 on a real cluster. */
  readonly replicationFactor: number;
  /** `CREATE TABLE IF NOT EXISTS …` and the like, in their order; each safe to repeat. */
  readonly statements: readonly string[];
}

export type CassandraValue =
  | string
  | number
  | boolean
  | Date
  | null
  | types.Uuid
  | types.TimeUuid
  | types.Long
  | readonly string[]
  | readonly number[]
  | readonly Date[];

/** A statement and its values. */
export type CassandraStatement = readonly [statement: string, values: readonly CassandraValue[]];

/** One page of rows, and what asks for the next. */
export interface CassandraPage {
  readonly rows: readonly types.Row[];
  readonly next: string | undefined;
}

const CONNECT_MS = 2_000;
/** A node that says nothing is given up, and another one asked. */
const SILENCE_MS = 1_500;
/** After so many calls in a row without an answer the next ones are refused at once, and one in `REST_MS` asks again. */
const SILENT_CALLS = 3;
const REST_MS = 1_000;
/** A table takes longer than a row: all nodes have to agree. */
const SCHEMA_MS = 60_000;

/**
 * A service's own keyspace. Values are always bound, statements prepared once, reads and writes at LOCAL_QUORUM: what was written is read.
 * The first use connects. While no node answers each call is refused within 1.5 s, soon at once, so that whoever asks is not kept busy.
 */
export class Cassandra {
  readonly #client: Client;
  #silentCalls = 0;
  #restsUntil = 0;

  constructor(place: CassandraPlace) {
    this.#client = new Client({ ...optionsOf(place), keyspace: place.keyspace });
  }

  /** `isIdempotent`: may be sent to a second node when the first says nothing. @throws DatabaseUnavailable */
  async execute(statement: string, values: readonly CassandraValue[], isIdempotent = true): Promise<readonly types.Row[]> {
    return (await this.#run(statement, values, { isIdempotent })).rows ?? [];
  }

  /** At most `limit` rows from `from`, the `next` of the page before. @throws DatabaseUnavailable */
  async page(statement: string, values: readonly CassandraValue[], limit: number, from?: string): Promise<CassandraPage> {
    const options: QueryOptions = { isIdempotent: true, fetchSize: limit, autoPage: false, ...(from && { pageState: from }) };
    const { rows, pageState } = await this.#run(statement, values, options);
    return { rows: rows ?? [], next: pageState ?? undefined };
  }

  /**
   * Several writes in one message. `allOrNone`: once it was taken, all of them come to be, also when the node dies half-way; dearer. Without
   * it a failure may leave some, so the caller repeats them. @throws DatabaseUnavailable
   */
  async write(statements: readonly CassandraStatement[], { allOrNone }: { readonly allOrNone: boolean }): Promise<void> {
    const queries = statements.map(([query, params]) => ({ query, params: [...params] }));
    await this.#ask(() => this.#client.batch(queries, { prepare: true, logged: allOrNone, isIdempotent: true }));
  }

  /** Whether the last calls were answered. */
  get isUp(): boolean {
    return this.#silentCalls < SILENT_CALLS;
  }

  /** Tells an unused Cassandra that is away from one that is there. */
  async ping(): Promise<void> {
    await this.#run('SELECT release_version FROM system.local', [], { isIdempotent: true }).catch(() => undefined);
  }

  close(): Promise<void> {
    return this.#client.shutdown();
  }

  #run(statement: string, values: readonly CassandraValue[], options: QueryOptions): Promise<types.ResultSet> {
    return this.#ask(() => this.#client.execute(statement, [...values], { prepare: true, ...options }));
  }

  async #ask(call: () => Promise<types.ResultSet>): Promise<types.ResultSet> {
    const now = performance.now();
    const ended = cassandraSeconds.startTimer();
    if (this.#silentCalls >= SILENT_CALLS) {
      if (now < this.#restsUntil) {
        ended({ outcome: 'not_asked' });
        throw new DatabaseUnavailable(new Error('Cassandra does not answer and is not asked at the moment'));
      }
      this.#restsUntil = now + REST_MS;
    }
    try {
      // Connecting and asking a second node may take the driver longer.
      const result = await within(SILENCE_MS, call(), () => {
        throw new errors.OperationTimedOutError('No answer from Cassandra');
      });
      this.#silentCalls = 0;
      ended({ outcome: 'ok' });
      return result;
    } catch (error) {
      ended({ outcome: isAway(error) ? 'no_answer' : 'failed' });
      if (!isAway(error)) throw error;
      this.#silentCalls += 1;
      this.#restsUntil = performance.now() + REST_MS;
      throw new DatabaseUnavailable(error);
    }
  }
}

/** Makes the keyspace and its tables where they are missing. @throws DatabaseUnavailable */
export async function createKeyspace(place: CassandraPlace, { replicationFactor, statements }: CassandraSchema): Promise<void> {
  // Names cannot be bound; these two come from our own settings, which allow letters, digits and underscores.
  const keyspace = `CREATE KEYSPACE IF NOT EXISTS "${place.keyspace}"
    WITH replication = {'class': 'NetworkTopologyStrategy', '${place.dataCenter}': ${replicationFactor}}`;
  await changeSchema({ ...place, keyspace: undefined }, [keyspace]);
  await changeSchema(place, statements);
}

/** Runs statements that make, change or drop tables and keyspaces, one after the other. @throws DatabaseUnavailable */
export async function changeSchema(
  place: Omit<CassandraPlace, 'keyspace'> & { keyspace?: string | undefined },
  statements: readonly string[],
): Promise<void> {
  const { keyspace } = place;
  const client = new Client({
    ...optionsOf(place),
    ...(keyspace && { keyspace }),
    socketOptions: { connectTimeout: CONNECT_MS, readTimeout: SCHEMA_MS },
  });
  try {
    for (const statement of statements) await client.execute(statement);
  } catch (error) {
    throw isAway(error) ? new DatabaseUnavailable(error) : error;
  } finally {
    await client.shutdown();
  }
}

function optionsOf({ contactPoints, dataCenter, login }: Omit<CassandraPlace, 'keyspace'>): ClientOptions {
  return {
    contactPoints: [...contactPoints],
    localDataCenter: dataCenter,
    ...(login && { credentials: login }),
    queryOptions: { consistency: types.consistencies.localQuorum },
    socketOptions: { connectTimeout: CONNECT_MS, readTimeout: SILENCE_MS },
    policies: { reconnection: new policies.reconnection.ExponentialReconnectionPolicy(250, 10_000, false) },
  };
}

/** Too few nodes answered, or none, or the keyspace is still to be made: nothing is wrong with the statement. */
function isAway(error: unknown): boolean {
  if (error instanceof errors.NoHostAvailableError || error instanceof errors.OperationTimedOutError) return true;
  return error instanceof errors.ResponseError && (AWAY.has(error.code) || (error.code === invalid && UNMADE.test(error.message)));
}

const UNMADE = /^(unconfigured table|table \S+ does not exist|keyspace \S+ does not exist)/i;

const { unavailableException, overloaded, isBootstrapping, writeTimeout, readTimeout, invalid } = types.responseErrorCodes;
const AWAY = new Set([unavailableException, overloaded, isBootstrapping, writeTimeout, readTimeout]);
