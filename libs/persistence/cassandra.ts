import { Client, type ClientOptions, errors, policies, type QueryOptions, types } from 'cassandra-driver';
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

export type CassandraValue = string | number | boolean | Date | null | types.Uuid | types.TimeUuid | types.Long | readonly string[];

/** One page of rows, and what asks for the next. */
export interface CassandraPage {
  readonly rows: readonly types.Row[];
  readonly next: string | undefined;
}

const CONNECT_MS = 2_000;
/** A node that says nothing is given up, and another one asked. */
const SILENCE_MS = 1_500;
/** A table takes longer than a row: all nodes have to agree. */
const SCHEMA_MS = 60_000;

/**
 * A service's own keyspace. Values are always bound, statements prepared once, reads and writes at LOCAL_QUORUM: what was written is read.
 * The first use connects; while no node can be reached each call is refused within 2 s, and the driver goes on trying.
 */
export class Cassandra {
  readonly #client: Client;

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

  close(): Promise<void> {
    return this.#client.shutdown();
  }

  async #run(statement: string, values: readonly CassandraValue[], options: QueryOptions): Promise<types.ResultSet> {
    try {
      return await this.#client.execute(statement, [...values], { prepare: true, ...options });
    } catch (error) {
      throw isAway(error) ? new DatabaseUnavailable(error) : error;
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

/** Too few nodes answered, or none: nothing is wrong with the statement. */
function isAway(error: unknown): boolean {
  if (error instanceof errors.NoHostAvailableError || error instanceof errors.OperationTimedOutError) return true;
  return error instanceof errors.ResponseError && AWAY.has(error.code);
}

const { unavailableException, overloaded, isBootstrapping, writeTimeout, readTimeout } = types.responseErrorCodes;
const AWAY = new Set([unavailableException, overloaded, isBootstrapping, writeTimeout, readTimeout]);
