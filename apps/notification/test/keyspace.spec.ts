import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cassandra, changeSchema } from '#libs/persistence/cassandra';
import { cloneRoot } from '#libs/runtime/project-root';
import { cassandraDataCenter } from '#libs/runtime/topology';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { describeOnCassandra } from '#libs/testing/scratch-keyspace';
import { TEST_BUS_SECRET } from '#libs/testing/test-service';
import { keyspace } from '../migrations/notification.keyspace.ts';
import { CassandraStore } from '../src/store/cassandra-store.repository.ts';
import { aNotification } from './store-conformance.ts';

const prefix = `scratch${randomBytes(4).toString('hex')}`;

/** Needs REQUIRE_CASSANDRA=1. */
describeOnCassandra('the migration', () => {
  const place = {
    contactPoints: [process.env.TEST_CASSANDRA_CONTACT_POINTS ?? ''],
    dataCenter: cassandraDataCenter,
    keyspace: `${prefix}_notification`,
  };
  const cassandra = new Cassandra(place);
  let scratch: ScratchDatabase;
  beforeAll(async () => {
    scratch = await scratchDatabase([]);
  });
  afterAll(async () => {
    await cassandra.close();
    await changeSchema({ ...place, keyspace: undefined }, [`DROP KEYSPACE IF EXISTS ${place.keyspace}`]);
    await scratch.drop();
  }, 60_000);

  const migrate = () =>
    promisify(execFile)(process.execPath, [join('dist', 'libs', 'runtime', 'migrate.js'), 'notification'], {
      cwd: cloneRoot(),
      env: {
        PATH: process.env.PATH ?? '',
        BUS_SECRET: TEST_BUS_SECRET,
        DATABASE_PREFIX: prefix,
        NOTIFICATION_DATABASE_URL: scratch.url,
        NOTIFICATION_MIGRATION_DATABASE_URL: scratch.url,
        CASSANDRA_CONTACT_POINTS: place.contactPoints.join(','),
      },
    });

  it('makes the keyspace once, however many run at a time, and again without losing a row', async () => {
    await Promise.all([migrate(), migrate(), migrate()]);
    const tables = await cassandra.execute('SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?', [place.keyspace]);
    expect(tables).toHaveLength(keyspace.length);
    const [store, one] = [new CassandraStore(cassandra), aNotification()];
    await store.add([one]);
    await migrate();
    expect(await store.find(one.userId, one.id)).toEqual(one);
  }, 180_000);
});
