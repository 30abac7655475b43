import { Module } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { authApi } from '#libs/contracts/auth/api';
import { chatApi } from '#libs/contracts/chat/api';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import { storageApi } from '#libs/contracts/storage/api';
import { commandConnection } from '#libs/messaging/redis';
import type { Logger } from '#libs/observability/logger';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { LOGGER, SETTINGS } from '#libs/runtime/core.module';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { Readiness } from '#libs/runtime/probes';
import { ServiceModule } from '#libs/runtime/service.module';
import { redisPlace, type Settings } from '#libs/runtime/settings';
import { migrations } from '../migrations/chat.migrations.ts';
import { retention } from '../migrations/chat.retention.ts';
import { chatEnv } from './chat.env.ts';
import { ChatReactions } from './chat.reactions.ts';
import { CannedHandlers } from './desk/canned.handlers.ts';
import { CannedRepository } from './desk/canned.repository.ts';
import { DeskHandlers } from './desk/desk.handlers.ts';
import { Moves } from './desk/moves.ts';
import { QueueRepository } from './desk/queue.repository.ts';
import { ReportHandlers } from './desk/report.handlers.ts';
import { ReportRepository } from './desk/report.repository.ts';
import { SupportRoom } from './desk/support-room.ts';
import { Attachments } from './messages/attachments.ts';
import { Cards } from './messages/cards.ts';
import { Enclosures } from './messages/enclosures.ts';
import { ExportHandlers } from './messages/export.handlers.ts';
import { Journal } from './messages/journal.ts';
import { MessageHandlers, SeenParts } from './messages/message.handlers.ts';
import { MessageRepository } from './messages/message.repository.ts';
import { ChangeParts, MessageChanges } from './messages/message-changes.ts';
import { MessageTexts } from './messages/message-texts.ts';
import { MessageViews } from './messages/message-views.ts';
import { MoveRepository } from './messages/move.repository.ts';
import { Parts, Sender } from './messages/sender.ts';
import { TextMover } from './messages/text-mover.ts';
import { BlockRepository } from './people/block.repository.ts';
import { Eraser, EraserParts } from './people/eraser.ts';
import { ErasureRepository } from './people/erasure.repository.ts';
import { PeopleHandlers } from './people/people.handlers.ts';
import { People } from './people/people.ts';
import { PushRepository } from './people/push.repository.ts';
import { PushClock } from './people/push-clock.ts';
import { UserRepository } from './people/user.repository.ts';
import { REALTIME_REDIS, WhoIsHere } from './people/who-is-here.ts';
import { StoreModule } from './store/store.module.ts';
import { ChatNews } from './threads/chat-news.ts';
import { Floor } from './threads/floor.ts';
import { MemberRepository } from './threads/member.repository.ts';
import { Opening } from './threads/opening.ts';
import { Reading } from './threads/reading.ts';
import { ThreadHandlers } from './threads/thread.handlers.ts';
import { ThreadRepository } from './threads/thread.repository.ts';
import { ThreadAccess } from './threads/thread-access.ts';
import { ThreadViews } from './threads/thread-views.ts';

@Module({
  imports: [
    ServiceModule.for({ contract: chatApi, peers: [authApi, orderApi, productApi, storageApi], migrations, retention }),
    StoreModule,
  ],
  controllers: [
    ...handlersOf(chatApi, [ThreadHandlers, MessageHandlers, ExportHandlers, DeskHandlers, CannedHandlers, ReportHandlers, PeopleHandlers]),
    ...reactionsOf('chat', [authApi], ChatReactions),
  ],
  providers: [
    provideEnvironment(chatEnv),
    {
      provide: REALTIME_REDIS,
      inject: [SETTINGS, LOGGER, Readiness],
      useFactory: (values: Settings, logger: Logger, readiness: Readiness): Redis => {
        const place = redisPlace(values, 'realtime');
        const redis = commandConnection(place, (error) => logger.warn({ reason: error.message, role: 'realtime' }, 'redis.error'));
        readiness.watch({ name: 'redis-realtime', isUp: () => redis.status === 'ready' });
        return redis;
      },
    },
    WhoIsHere,
    ThreadRepository,
    MemberRepository,
    ThreadAccess,
    ThreadViews,
    ChatNews,
    Floor,
    Opening,
    Reading,
    MessageRepository,
    MessageTexts,
    MessageViews,
    MoveRepository,
    TextMover,
    Journal,
    Cards,
    Attachments,
    Enclosures,
    Parts,
    Sender,
    ChangeParts,
    MessageChanges,
    SeenParts,
    Moves,
    SupportRoom,
    QueueRepository,
    CannedRepository,
    ReportRepository,
    UserRepository,
    BlockRepository,
    People,
    PushRepository,
    PushClock,
    ErasureRepository,
    EraserParts,
    Eraser,
  ],
})
export class ChatModule {}
