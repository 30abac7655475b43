import pg from 'pg';

/** Postgres' or the system's code; empty without one. */
export const codeOf = (error: unknown): string =>
  String((error as { code?: unknown } | null)?.code ?? (error as { driverError?: { code?: unknown } } | null)?.driverError?.code ?? '');

/** serialization_failure, deadlock_detected */
export const isConflictOfTransactions = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error));

export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (codeOf(error) !== '23505') return false;
  const named =
    (error as { constraint?: string; driverError?: { constraint?: string } }).constraint ??
    (error as { driverError?: { constraint?: string } }).driverError?.constraint;
  return constraint === undefined || named === constraint;
}

export const isForeignKeyViolation = (error: unknown): boolean => codeOf(error) === '23503';

/** The database cannot be reached, has no connection to give, or went away half-way: 503. Whether a lost COMMIT took effect is not known. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';

  constructor(cause: unknown) {
    super('The database is not available', { cause });
  }
}

/** connection_exception, insufficient_resources, shutdown and the like (a statement's own time-out, 57014, is none), idle_in_transaction. */
const LOST_STATES = /^(08...|53...|57P..|25P03)$/;
const LOST_SYSTEM = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** Of a Unix socket whose server is stopped, or has too many who wait to be let in; of a file they say something else. */
const LOST_SOCKET = new Set(['ENOENT', 'EAGAIN']);
/** node-postgres, its pool and TypeORM give these no code. */
const LOST_MESSAGE =
  /timeout exceeded when trying to connect|connection terminated|client has encountered a connection error|client was closed|not queryable|driver not connected|query read timeout|already released/i;

/** Whether the connection is what failed. */
export function isLost(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true;
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isLost);
  const code = codeOf(error);
  if (LOST_STATES.test(code) || LOST_SYSTEM.has(code)) return true;
  if (LOST_SOCKET.has(code) && (error as NodeJS.ErrnoException).syscall === 'connect') return true;
  return error instanceof Error && !(error instanceof pg.DatabaseError) && LOST_MESSAGE.test(error.message);
}

/** query_canceled (the statement's time-out), read_only_sql_transaction (a standby), and conflicts that outlived their repeats. */
const TRANSIENT_STATES = new Set(['57014', '25006', '40001', '40P01']);

/** Whether the same work may succeed later: the database is away or overloaded, and nothing is wrong with the statement. */
export const isTransient = (error: unknown): boolean => isLost(error) || TRANSIENT_STATES.has(codeOf(error));
