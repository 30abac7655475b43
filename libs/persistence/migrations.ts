import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';

/** What every service's database has; each lists it before its own. */
export class MessagingTables1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbox (
        id uuid PRIMARY KEY,
        event text NOT NULL,
        version int NOT NULL,
        subscriber text NOT NULL,
        payload text NOT NULL,
        request_id text NOT NULL,
        traceparent text,
        created_at timestamptz NOT NULL DEFAULT now(),
        leased_until timestamptz NOT NULL DEFAULT now(),
        attempts int NOT NULL DEFAULT 0,
        silent_tries int NOT NULL DEFAULT 0,
        error text,
        dead_at timestamptz
      )`);
    await runner.query('CREATE INDEX outbox_due ON outbox (leased_until) WHERE dead_at IS NULL');
    await runner.query('CREATE INDEX outbox_dead ON outbox (id) WHERE dead_at IS NOT NULL');
    await runner.query('CREATE TABLE inbox (event_id uuid PRIMARY KEY, received_at timestamptz NOT NULL DEFAULT now())');
    await runner.query('CREATE INDEX inbox_age ON inbox (received_at)');
    await runner.query(`
      CREATE TABLE idempotency_keys (
        actor text NOT NULL,
        route text NOT NULL,
        key text NOT NULL,
        body_hash text NOT NULL,
        result text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (actor, route, key)
      )`);
    await runner.query('CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbox, inbox, idempotency_keys');
  }
}

/** Any number; the same for all who migrate this database. */
const LOCK = 4_202_200_001;
const LOOK_AGAIN_MS = 200;

/**
 * TypeORM's migrations take no lock, and two replicas that start together would collide. Needs a pool of 2 and no statement time-out. The
 * second asks again and again: a statement that waits for the lock has a snapshot, and the first would wait for that where it builds an index
 * concurrently. `further` is done under the same lock: nodes of a Cassandra that make one table at once would disagree about it.
 */
export async function migrate(source: DataSource, further: () => Promise<void> = async () => undefined): Promise<string[]> {
  const runner = source.createQueryRunner();
  await runner.connect();
  try {
    while (!(await isFirst(runner))) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    const done = await source.runMigrations();
    await further();
    return done.map(({ name }) => name);
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    await runner.release();
  }
}

async function isFirst(runner: QueryRunner): Promise<boolean> {
  const [row]: { first: boolean }[] = await runner.query('SELECT pg_try_advisory_lock($1) AS first', [LOCK]);
  return row?.first === true;
}
