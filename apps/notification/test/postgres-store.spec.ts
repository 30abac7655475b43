import { DataSource } from 'typeorm';
import { describe } from 'vitest';
import { Database } from '#libs/persistence/database';
import { databaseOptions } from '#libs/persistence/database-options';
import { PostgresStore } from '../src/store/postgres-store.repository.ts';
import { aDatabase } from './notification-fixture.ts';
import { storeConformance } from './store-conformance.ts';

storeConformance('notifications and deliveries in Postgres', describe, async () => {
  const scratch = await aDatabase();
  const source = await new DataSource(
    databaseOptions({ url: scratch.url, entities: [], migrations: [], applicationName: 'suite' }),
  ).initialize();
  return {
    store: new PostgresStore(new Database(source)),
    close: async () => {
      await source.destroy();
      await scratch.drop();
    },
  };
});
