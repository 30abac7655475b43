import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import jwt from 'jsonwebtoken';
import { v7 as uuidv7 } from 'uuid';
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER, TOKEN_TYPE } from '#libs/auth/access-token';
import type { Revocation } from '#libs/contracts/auth/messages';
import type { JsonWebKey } from '#libs/contracts/auth/views';
import type { Role } from '#libs/contracts/call';
import type { BusClient } from '#libs/messaging/bus-client';
import type { Signals } from '#libs/messaging/signals';
import { type Answers, PlayedService } from '#libs/testing/played-service';
import { freePort, RedisServer } from '#libs/testing/redis-server';
import { TEST_BUS_SECRET } from '#libs/testing/test-service';

const KEY_ID = 'key-of-tests';
/** How long a gateway may take to be ready, on a machine that is busy with something else. */
export const START_LIMIT_MS = 120_000;

export interface TokenOptions {
  readonly userId?: string;
  readonly sessionId?: string;
  readonly seconds?: number;
  readonly key?: KeyObject;
  readonly roles?: readonly Role[];
}

/** A gateway as its own process, as it runs in production. */
export interface GatewayProcess {
  readonly url: string;
  /** Where probes and metrics are. */
  readonly probeUrl: string;
  readonly process: ChildProcess;
  /** What it has logged so far. */
  readonly lines: readonly string[];
}

/** Gateways on a Redis of a suite's own, with an auth service that the suite plays. */
export class GatewayFixture {
  /** What auth's table holds. */
  readonly revocations: Revocation[] = [];
  readonly gateways: GatewayProcess[] = [];

  private readonly services: PlayedService[] = [];

  private constructor(
    readonly redis: RedisServer,
    private readonly key: KeyObject,
    /** What auth publishes. */
    readonly keys: JsonWebKey[],
  ) {}

  /** `answers`: of auth's operations, by pattern. */
  static async start(answers: Answers = {}): Promise<GatewayFixture> {
    const redis = await RedisServer.start();
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { kty = '', crv = '', x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const jwk = { kty, crv, x, y, kid: KEY_ID, alg: TOKEN_ALGORITHM, use: 'sig' };
    const fixture = new GatewayFixture(redis, privateKey, [jwk]);
    await fixture.service('auth', {
      'auth.jwks': () => ({ keys: [jwk] }),
      'auth.revocations': () => ({ items: fixture.revocations }),
      ...answers,
    });
    return fixture;
  }

  /** As auth has them. */
  get bus(): BusClient {
    return this.auth.bus;
  }

  get signals(): Signals {
    return this.auth.signals;
  }

  /** A living replica of a service that answers these patterns; no answer is an empty one. */
  async service(service: string, answers: Answers): Promise<PlayedService> {
    const played = await PlayedService.start(this.redis.url, service, answers);
    this.services.push(played);
    return played;
  }

  /** Auth is away from now on. */
  async leaveAuth(): Promise<void> {
    await this.auth.silence();
  }

  async gateway(environment: Record<string, string> = {}): Promise<GatewayProcess> {
    const port = await freePort();
    const probePort = await freePort();
    const child = fork('dist/apps/gateway/src/main.js', {
      env: {
        PATH: process.env.PATH ?? '',
        NODE_ENV: 'test',
        BUS_SECRET: TEST_BUS_SECRET,
        REDIS_URL: this.redis.url,
        PORT: String(port),
        PROBE_PORT: String(probePort),
        LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
        ...environment,
      },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const lines: string[] = [];
    createInterface({ input: child.stdout as Readable }).on('line', (line) => {
      lines.push(line);
      if (process.env.TEST_LOG_LEVEL !== undefined) process.stdout.write(`${line}\n`);
    });
    const gateway = { url: `http://127.0.0.1:${port}`, probeUrl: `http://127.0.0.1:${probePort}`, process: child, lines };
    this.gateways.push(gateway);
    const end = performance.now() + START_LIMIT_MS;
    for (;;) {
      const ready = await fetch(`${gateway.probeUrl}/health/ready`).catch(() => undefined);
      if (ready?.status === 200) return gateway;
      if (performance.now() > end || child.exitCode !== null) throw new Error(`the gateway did not start (${child.exitCode})`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** An access token as auth would issue it now. */
  token({ userId = uuidv7(), sessionId = uuidv7(), seconds = 900, key = this.key, roles = ['customer'] }: TokenOptions = {}): string {
    const now = this.bus.clock.now() / 1_000;
    return jwt.sign({ sub: userId, sid: sessionId, roles, iat: now, nbf: now, exp: now + seconds }, key, {
      algorithm: TOKEN_ALGORITHM,
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      header: { alg: TOKEN_ALGORITHM, typ: TOKEN_TYPE, kid: KEY_ID },
    });
  }

  /** Cuts a session or user off: noted in auth's table, and told unless the signal is lost. */
  revocation(kind: Revocation['kind'], id: string): Revocation {
    const revocation = { kind, id, before: Math.ceil(this.bus.clock.now()) + 1 };
    this.revocations.push(revocation);
    return revocation;
  }

  async stop(): Promise<void> {
    for (const { process: child } of this.gateways) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    for (const service of this.services) await service.stop();
    await this.redis.kill();
  }

  private get auth(): PlayedService {
    const [auth] = this.services;
    if (auth === undefined) throw new Error('auth is not played yet');
    return auth;
  }
}
