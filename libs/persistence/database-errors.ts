import pg from 'pg';

const codeOf = (error: unknown): string =>
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

/** Connection exceptions, lack of resources, operator intervention (shutdown, statement timeout), a read-only standby. */
const TRANSIENT_STATES = /^(08...|53...|57...|25006|40001|40P01)$/;
const TRANSIENT_SYSTEM = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']);
const TRANSIENT_MESSAGE =
  /timeout exceeded when trying to connect|connection terminated|client has encountered a connection error|not queryable|driver not connected/i;

/** Whether the same work may succeed later: the database is away or overloaded, and nothing is wrong with the statement. */
export function isTransient(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isTransient);
  const code = codeOf(error);
  if (TRANSIENT_STATES.test(code) || TRANSIENT_SYSTEM.has(code)) return true;
  return error instanceof Error && !(error instanceof pg.DatabaseError) && TRANSIENT_MESSAGE.test(error.message);
}
