import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import pg from 'pg';
import { TOKEN_ALGORITHM } from '#libs/auth/access-token';
import type { Contact } from '#libs/contracts/auth/messages';
import { notificationApi } from '#libs/contracts/notification/api';
import { eventually } from '#libs/testing/builders';
import { PlayedService } from '#libs/testing/played-service';
import { freePort, RedisServer } from '#libs/testing/redis-server';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { TEST_BUS_SECRET } from '#libs/testing/test-service';
import { aDatabase, people } from './notification-fixture.ts';

/** How long a process may take to be ready, on a machine that is busy with something else. */
const START_LIMIT_MS = 120_000;

/** A question to auth that waits until the suite lets it go; `asked` becomes true with it. */
export interface Held {
  asked: boolean;
  letGo(): void;
}

/** The notification service as a process of its own, which a suite kills, with an auth service that the suite plays. */
export class NotificationProcess {
  private child: ChildProcess | undefined;
  private readonly holds = new Map<string, { held: Held; until: Promise<void> }>();

  private constructor(
    readonly scratch: ScratchDatabase,
    private readonly redis: RedisServer,
    private readonly database: pg.Client,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** What auth says over the bus. */
  auth!: PlayedService;

  static async open(environment: Readonly<Record<string, string>>): Promise<NotificationProcess> {
    const [scratch, redis] = await Promise.all([aDatabase(), RedisServer.start()]);
    const database = new pg.Client({ connectionString: scratch.url });
    await database.connect();
    const opened = new NotificationProcess(scratch, redis, database, environment);
    await opened.playAuth();
    await opened.start();
    return opened;
  }

  async start(): Promise<void> {
    const [port, probePort] = [await freePort(), await freePort()];
    const child = fork('dist/apps/notification/src/main.js', {
      env: {
        ...{ PATH: process.env.PATH ?? '', NODE_ENV: 'test', BUS_SECRET: TEST_BUS_SECRET, REDIS_URL: this.redis.url },
        ...{ NOTIFICATION_DATABASE_URL: this.scratch.url, PORT: String(port), PROBE_PORT: String(probePort) },
        ...{ LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent', ...this.environment },
      },
      execArgv: [],
    });
    this.child = child;
    await eventually(async () => {
      if (child.exitCode !== null) return 'ended';
      return (await fetch(`http://127.0.0.1:${probePort}/health/ready`)).status === 200;
    }, START_LIMIT_MS);
    if (child.exitCode !== null) throw new Error(`the process ended with ${child.exitCode}`);
  }

  /** It does nothing more, and Postgres has let go of what it held. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    await eventually(
      async () =>
        (
          await this.rows(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'suite'`,
          )
        ).length === 0,
    );
  }

  async close(): Promise<void> {
    for (const { held } of this.holds.values()) held.letGo();
    await this.kill();
    await this.auth.stop();
    await this.database.end();
    await Promise.all([this.redis.kill(), this.scratch.drop()]);
  }

  async rows<T extends object>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    return (await this.database.query<T>(text, [...values])).rows;
  }

  /** Rows that nobody else may change until the answer is called. */
  async lock(text: string, values: readonly unknown[] = []): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: this.scratch.url, application_name: 'suite' });
    await client.connect();
    await client.query('BEGIN');
    await client.query(text, [...values]);
    return async () => {
      await client.query('ROLLBACK');
      await client.end();
    };
  }

  /** Whether a statement of the process with these words waits for a lock. */
  async isBlocked(words: string): Promise<boolean> {
    const found = await this.rows(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`,
      [`%${words}%`],
    );
    return found.length > 0;
  }

  /** The next question of this kind to auth is not answered until it is let go. */
  holdNext(operation: 'contacts' | 'accounts'): Held {
    const { promise, resolve } = Promise.withResolvers<void>();
    const held: Held = { asked: false, letGo: resolve };
    this.holds.set(operation, { held, until: promise });
    return held;
  }

  /** Tells the service of an event of auth's, until it has taken it. */
  async tell(event: { readonly key: string; readonly lane: 'browse' | 'checkout' }, id: string, data: object): Promise<void> {
    await this.auth.bus.deliver(event, notificationApi.name, JSON.stringify(data), { id, version: 1, requestId: id });
  }

  private async playAuth(): Promise<void> {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { kty = '', crv = '', x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const isHeld = async (operation: string): Promise<void> => {
      const hold = this.holds.get(operation);
      if (hold === undefined) return;
      hold.held.asked = true;
      await hold.until;
      this.holds.delete(operation);
    };
    this.auth = await PlayedService.start(this.redis.url, 'auth', {
      'auth.jwks': () => ({ keys: [{ kty, crv, x, y, kid: 'key-of-tests', alg: TOKEN_ALGORITHM, use: 'sig' }] }),
      'auth.revocations': () => ({ items: [] }),
      'auth.contacts': async ({ userIds }) => {
        await isHeld('contacts');
        return { items: (userIds as string[]).flatMap((id): Contact[] => [people.get(id)].filter((one) => one !== undefined)) };
      },
      'auth.accounts': async ({ after, limit }) => {
        if (after !== undefined) await isHeld('accounts');
        const ids = [...people.keys()].sort().filter((id) => after === undefined || id > String(after));
        return { userIds: ids.slice(0, Number(limit)), next: ids.length > Number(limit) ? ids[Number(limit) - 1] : null };
      },
    });
  }
}
