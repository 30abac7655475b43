import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Cassandra } from '#libs/persistence/cassandra';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { cassandraPlace } from '#libs/runtime/cassandra-settings';
import { SETTINGS } from '#libs/runtime/core.module';
import { Readiness } from '#libs/runtime/probes';
import { Rounds } from '#libs/runtime/rounds';
import type { Settings } from '#libs/runtime/settings';
import { watchCassandra } from '#libs/runtime/watched-cassandra';
import { type ChatEnv, chatEnv } from '../chat.env.ts';
import { CassandraArchive } from './cassandra-archive.repository.ts';
import { TextArchive } from './text-archive.ts';

const CASSANDRA = Symbol('cassandra');

/** `TextArchive`: Cassandra where one is given; null where Postgres keeps all texts. */
@Module({
  providers: [
    provideEnvironment(chatEnv),
    {
      provide: CASSANDRA,
      inject: [SETTINGS, { token: chatEnv as never, optional: false }, Readiness, Rounds],
      useFactory: (settings: Settings, own: ChatEnv, readiness: Readiness, rounds: Rounds): Cassandra | null => {
        const place = cassandraPlace({ ...settings, ...own }, 'chat');
        // It connects at its first use, so the service starts without it.
        return place === undefined ? null : watchCassandra(new Cassandra(place), readiness, rounds);
      },
    },
    {
      provide: TextArchive,
      inject: [CASSANDRA],
      useFactory: (cassandra: Cassandra | null): TextArchive | null => (cassandra === null ? null : new CassandraArchive(cassandra)),
    },
  ],
  exports: [TextArchive],
})
export class StoreModule implements OnApplicationShutdown {
  constructor(@Inject(CASSANDRA) private readonly cassandra: Cassandra | null) {}

  async onApplicationShutdown(): Promise<void> {
    await this.cassandra?.close();
  }
}
