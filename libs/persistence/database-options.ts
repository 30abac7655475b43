import type { DataSourceOptions, EntityTarget } from 'typeorm';

export interface DatabaseSettings {
  readonly url: string;
  readonly entities: readonly EntityTarget<object>[];
  readonly migrations: readonly (new () => object)[];
  readonly applicationName: string;
  readonly poolSize?: number;
  /** Milliseconds; 0 for migrations. */
  readonly statementTimeoutMs?: number;
  /**
   * Milliseconds to wait for a connection of the pool, or for a new one. Just below the longest deadline of a request, for a busy machine
   * serves it late: with less, requests were refused that had seconds left.
   */
  readonly connectTimeoutMs?: number;
  /** Milliseconds on top of the statement's time-out after which a server that says nothing is given up, and the connection with it. */
  readonly silenceMs?: number;
}

/** Tables come from migrations alone; `synchronize` is never on. */
export function databaseOptions({
  url,
  entities,
  migrations,
  applicationName,
  poolSize = 4,
  statementTimeoutMs = 1_500,
  connectTimeoutMs = 5_000,
  silenceMs = 10_000,
}: DatabaseSettings): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: entities as never,
    migrations: migrations as never,
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize,
    applicationName,
    extra: {
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: 60_000,
      // Statements are sent without waiting for the answer to the one before, where the code does not wait either.
      pipeline: true,
      keepAlive: true,
      // Statements are planned once a connection; `plannedByValues` says where the values decide.
      options: '-c plan_cache_mode=force_generic_plan',
      ...(statementTimeoutMs === 0
        ? {}
        : {
            statement_timeout: statementTimeoutMs,
            idle_in_transaction_session_timeout: 10_000,
            query_timeout: statementTimeoutMs + silenceMs,
          }),
    },
  };
}
