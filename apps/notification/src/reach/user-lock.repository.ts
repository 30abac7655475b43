import { type Sql, sql } from '#libs/persistence/sql';

/** Held until the transaction ends by who changes what is kept of a user, so that nothing is kept anew while they are erased. */
export const lockOfUser = (userId: string): Sql => sql`SELECT pg_advisory_xact_lock(hashtextextended(${userId}::text, 0))`;
