import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { Redis } from 'ioredis';
import { commandConnection } from '#libs/messaging/redis';
import type { Logger } from '#libs/observability/logger';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { CoreModule, LOGGER, SETTINGS } from '#libs/runtime/core.module';
import { Readiness } from '#libs/runtime/probes';
import { redisPlace, type Settings } from '#libs/runtime/settings';
import type { RedisRole } from '#libs/runtime/topology';
import { AccessGuard, JwtStrategy } from './access.guard.ts';
import { ByteProxy } from './byte-proxy.ts';
import { ChatNews } from './chat/chat-news.ts';
import { ChatSockets } from './chat/chat-sockets.ts';
import { PresenceBook, REALTIME_REDIS } from './chat/presence-book.ts';
import { PresenceNews } from './chat/presence-news.ts';
import { SocketCalls } from './chat/socket-calls.ts';
import { TypingNews } from './chat/typing-news.ts';
import { DeadLetterHandlers } from './dead-letter.handlers.ts';
import { DevInboxController } from './dev-inbox.controller.ts';
import { Edge } from './edge.ts';
import { EventLimits } from './event-limits.ts';
import { EventSockets } from './event-sockets.ts';
import { publicContracts } from './gateway.contracts.ts';
import { gatewayEnv } from './gateway.env.ts';
import { HotLane } from './hot-lane.ts';
import { HotReads } from './hot-reads.ts';
import { CACHE_REDIS, Idempotency } from './idempotency.ts';
import { LocalOperations } from './local-operations.ts';
import { ProductPageHandlers } from './product-page.handlers.ts';
import { LIMITS_REDIS, RateLimits } from './rate-limits.ts';
import { controllerFor } from './routes.ts';
import { SocketServer } from './socket-server.ts';
import { SocketSessions } from './socket-sessions.ts';
import { StatusHandlers } from './status.handlers.ts';
import { TokenCookie } from './token-cookie.ts';
import { Upstreams } from './upstreams.ts';

const redisProvider = (token: symbol, role: RedisRole) => ({
  provide: token,
  inject: [SETTINGS, LOGGER, Readiness],
  useFactory: (values: Settings, logger: Logger, readiness: Readiness): Redis => {
    const redis = commandConnection(redisPlace(values, role), (error) => logger.warn({ reason: error.message, role }, 'redis.error'));
    readiness.watch({ name: `redis-${role}`, isUp: () => redis.status === 'ready' });
    return redis;
  },
});

class RedisConnections implements OnApplicationShutdown {
  constructor(private readonly connections: readonly Redis[]) {}

  onApplicationShutdown(): void {
    for (const connection of this.connections) connection.disconnect();
  }
}

@Module({
  imports: [CoreModule.for('gateway'), PassportModule],
  controllers: [...publicContracts.map(controllerFor), DevInboxController],
  providers: [
    Readiness,
    provideEnvironment(gatewayEnv),
    redisProvider(LIMITS_REDIS, 'limits'),
    redisProvider(CACHE_REDIS, 'cache'),
    redisProvider(REALTIME_REDIS, 'realtime'),
    {
      provide: RedisConnections,
      inject: [LIMITS_REDIS, CACHE_REDIS, REALTIME_REDIS],
      useFactory: (...connections: Redis[]) => new RedisConnections(connections),
    },
    JwtStrategy,
    AccessGuard,
    RateLimits,
    TokenCookie,
    Idempotency,
    HotReads,
    HotLane,
    Upstreams,
    ByteProxy,
    LocalOperations,
    ProductPageHandlers,
    StatusHandlers,
    DeadLetterHandlers,
    Edge,
    SocketServer,
    EventLimits,
    SocketSessions,
    EventSockets,
    SocketCalls,
    PresenceBook,
    PresenceNews,
    TypingNews,
    ChatNews,
    ChatSockets,
  ],
})
export class GatewayModule {}
