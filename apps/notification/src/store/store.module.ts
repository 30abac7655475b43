import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Cassandra } from '#libs/persistence/cassandra';
import { Database } from '#libs/persistence/database';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { cassandraPlace } from '#libs/runtime/cassandra-settings';
import { SETTINGS } from '#libs/runtime/core.module';
import { Readiness } from '#libs/runtime/probes';
import { Rounds } from '#libs/runtime/rounds';
import type { Settings } from '#libs/runtime/settings';
import { watchCassandra } from '#libs/runtime/watched-cassandra';
import { type NotificationEnv, notificationEnv } from '../notification.env.ts';
import { CassandraStore } from './cassandra-store.repository.ts';
import { NotificationStore } from './notification-store.ts';
import { PostgresStore } from './postgres-store.repository.ts';

const CASSANDRA = Symbol('cassandra');

/** Where the rows that grow without end are kept: in Cassandra if one is given, else in the service's own database. */
@Module({
  providers: [
    provideEnvironment(notificationEnv),
    {
      provide: CASSANDRA,
      inject: [SETTINGS, { token: notificationEnv as never, optional: false }, Readiness, Rounds],
      useFactory: (settings: Settings, own: NotificationEnv, readiness: Readiness, rounds: Rounds): Cassandra | null => {
        const place = cassandraPlace({ ...settings, ...own }, 'notification');
        // It connects at its first use, so the service starts without it.
        return place === undefined ? null : watchCassandra(new Cassandra(place), readiness, rounds);
      },
    },
    {
      provide: NotificationStore,
      inject: [CASSANDRA, Database],
      useFactory: (cassandra: Cassandra | null, database: Database): NotificationStore =>
        cassandra === null ? new PostgresStore(database) : new CassandraStore(cassandra),
    },
  ],
  exports: [NotificationStore],
})
export class StoreModule implements OnApplicationShutdown {
  constructor(@Inject(CASSANDRA) private readonly cassandra: Cassandra | null) {}

  async onApplicationShutdown(): Promise<void> {
    await this.cassandra?.close();
  }
}
