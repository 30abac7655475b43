import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import type { Call, Role } from '#libs/contracts/call';
import { chatApi } from '#libs/contracts/chat/api';
import type { SendMessage } from '#libs/contracts/chat/inputs';
import type { Message, Receipt, Thread } from '#libs/contracts/chat/views';
import { Signals } from '#libs/messaging/signals';
import type { CassandraPlace } from '#libs/persistence/cassandra';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { aCall, aUser, withKey } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/chat.migrations.ts';
import { chatEnv } from '../src/chat.env.ts';
import { ChatModule } from '../src/chat.module.ts';
import { ChatReactions } from '../src/chat.reactions.ts';
import { CannedHandlers } from '../src/desk/canned.handlers.ts';
import { DeskHandlers } from '../src/desk/desk.handlers.ts';
import { ReportHandlers } from '../src/desk/report.handlers.ts';
import { ExportHandlers } from '../src/messages/export.handlers.ts';
import { MessageHandlers } from '../src/messages/message.handlers.ts';
import { PeopleHandlers } from '../src/people/people.handlers.ts';
import { ThreadHandlers } from '../src/threads/thread.handlers.ts';
import { Town } from './town.ts';

/** One replica, by its handlers. */
export class Replica {
  readonly threads: ThreadHandlers;
  readonly messages: MessageHandlers;
  readonly desk: DeskHandlers;
  readonly canned: CannedHandlers;
  readonly reports: ReportHandlers;
  readonly people: PeopleHandlers;
  readonly exports: ExportHandlers;
  readonly reactions: ChatReactions;
  readonly database: Database;

  constructor(readonly app: NestFastifyApplication) {
    this.threads = app.get(ThreadHandlers);
    this.messages = app.get(MessageHandlers);
    this.desk = app.get(DeskHandlers);
    this.canned = app.get(CannedHandlers);
    this.reports = app.get(ReportHandlers);
    this.people = app.get(PeopleHandlers);
    this.exports = app.get(ExportHandlers);
    this.reactions = app.get(ChatReactions);
    this.database = app.get(Database);
  }

  hears(effect: (delivery: TransactionalDelivery) => Promise<void>): Promise<void> {
    return this.database.transaction((transaction) => effect({ eventId: uuidv7(), version: 1, requestId: 'suite', transaction }));
  }
}

/** What chat signals. */
export class Heard {
  readonly sent: Message[] = [];
  readonly changed: Message[] = [];
  readonly receipts: Receipt[] = [];

  constructor({ app }: Replica) {
    const signals = app.get(Signals);
    signals.on(chatApi.signals.sent, ({ message }) => void this.sent.push(message));
    signals.on(chatApi.signals.messageChanged, ({ message }) => void this.changed.push(message));
    signals.on(chatApi.signals.receipt, (receipt) => void this.receipts.push(receipt));
  }
}

interface Options {
  readonly cassandra?: CassandraPlace;
  readonly values?: Readonly<Record<string, string>>;
}

/** Two replicas of the chat service on a database of the suite's own; all other services are doubles. */
export class Suite {
  private constructor(
    readonly town: Town,
    readonly replicas: readonly [Replica, Replica],
    private readonly scratch: ScratchDatabase,
  ) {}

  static async open(options: Options = {}): Promise<Suite> {
    const town = new Town();
    const scratch = await scratchDatabase(migrations);
    const [one, other] = await Promise.all([0, 1].map(() => Suite.start(town, scratch, options)));
    if (one === undefined || other === undefined) throw new Error('a replica is missing');
    return new Suite(town, [one, other], scratch);
  }

  private static async start(town: Town, scratch: ScratchDatabase, { cassandra, values = {} }: Options): Promise<Replica> {
    const nodes = cassandra === undefined ? {} : { CASSANDRA_CONTACT_POINTS: cassandra.contactPoints.join(',') };
    const app = await startTestService({
      service: 'chat',
      module: ChatModule,
      databaseUrl: scratch.url,
      redisUrl: process.env.TEST_REDIS_URL ?? '',
      environment: { declared: chatEnv, values: { RATE_LIMIT_SCALE: '100000', ...values, ...nodes } },
      ...(cassandra === undefined ? {} : { settings: { DATABASE_PREFIX: cassandra.keyspace.replace(/_chat$/, '') } }),
      peers: town.peers,
    });
    return new Replica(app);
  }

  get replica(): Replica {
    return this.replicas[0];
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map(({ app }) => app.close()));
    await this.scratch.drop();
  }

  readonly by = (userId: string, key?: string): Call => {
    const [role] = this.town.people.get(userId)?.roles ?? ['customer'];
    return withKey(aCall({ actor: aUser(userId, role as Role) }), key);
  };

  direct(one: string, other: string): Promise<Thread> {
    return this.replica.threads.open({ kind: 'direct', participantIds: [other] }, this.by(one));
  }

  support(customer: string, orderId?: string): Promise<Thread> {
    return this.replica.threads.open({ kind: 'support', subject: 'Where is it?', ...(orderId && { orderId }) }, this.by(customer));
  }

  async send(threadId: string, userId: string, fields: Partial<SendMessage> = {}, replica = this.replica): Promise<Message> {
    const type = fields.type ?? 'text';
    const message = { threadId, clientMessageId: uuidv7(), ...(type === 'text' ? { body: 'Hello' } : {}), ...fields, type };
    return (await replica.messages.send(message, this.by(userId))).message;
  }

  async all(threadId: string, userId: string): Promise<Message[]> {
    const found: Message[] = [];
    for (;;) {
      const query = { threadId, after: found.at(-1)?.sequence ?? 0, limit: 100 };
      const { items, hasMore } = await this.replica.messages.messages(query, this.by(userId));
      found.push(...items);
      if (!hasMore) return found;
    }
  }

  thread(threadId: string, userId: string): Promise<Thread> {
    return this.replica.threads.thread({ threadId }, this.by(userId));
  }

  /** Events that wait for their subscribers, oldest first. */
  async published<Data>(event: string): Promise<Data[]> {
    const rows = await this.replica.database.rows<{ payload: string }>(
      sql`SELECT payload::text AS payload FROM outbox WHERE event = ${event} ORDER BY id`,
    );
    return rows.map(({ payload }) => JSON.parse(payload) as Data);
  }
}
