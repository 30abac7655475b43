import { randomBytes } from 'node:crypto';
import type { Type } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { AnyContract } from '#libs/contracts/contract';
import { BusServer } from '#libs/messaging/bus-server';
import { type Peer, peerToken } from '#libs/messaging/peer';
import { SETTINGS } from '#libs/runtime/core.module';
import type { Declarations, Environment, Source } from '#libs/runtime/environment';
import { settings } from '#libs/runtime/settings';
import { databaseVariable, type ServiceName } from '#libs/runtime/topology';

/** Signs the messages of suites that talk to a booted service over its bus. */
export const TEST_BUS_SECRET = randomBytes(32).toString('base64url');

export interface TestServiceOptions {
  readonly service: ServiceName;
  readonly module: Type<object>;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** The service's own declarations, and the variables of this replica. */
  readonly environment?: { readonly declared: Environment<Declarations>; readonly values: Source };
  /** Further variables that every process reads, such as REDIS_CACHE_URL. */
  readonly settings?: Source;
  /** Made by `fakePeer`. */
  readonly peers?: readonly FakePeer[];
}

export interface FakePeer {
  readonly contract: AnyContract;
  readonly methods: object;
}

/** A peer that answers what the test has stubbed; any other call fails by name. The methods are looked up at each call. */
export function fakePeer<C extends AnyContract>(contract: C, methods: Partial<Peer<C>>): FakePeer {
  const strict = Object.keys(contract.operations).map((name) => [
    name,
    async (input: never) => {
      const method = (methods as Record<string, ((input: never) => Promise<unknown>) | undefined>)[name];
      if (method === undefined) throw new Error(`${contract.name}.${name} was called and is not stubbed`);
      return method(input);
    },
  ]);
  return { contract, methods: Object.fromEntries(strict) };
}

/** One replica of a service in this process: its real module on real stores, serving its bus. Close it with `app.close()`. */
export async function startTestService(options: TestServiceOptions): Promise<NestFastifyApplication> {
  const { service, environment, settings: further = {}, peers = [] } = options;
  const builder = Test.createTestingModule({ imports: [options.module] })
    .overrideProvider(SETTINGS)
    .useValue(
      settings.read({
        NODE_ENV: 'test',
        APP: service,
        BUS_SECRET: TEST_BUS_SECRET,
        REDIS_URL: options.redisUrl,
        [databaseVariable(service)]: options.databaseUrl,
        LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
        ...further,
      }),
    );
  if (environment !== undefined) builder.overrideProvider(environment.declared).useValue(environment.declared.read(environment.values));
  for (const { contract, methods } of peers) builder.overrideProvider(peerToken(contract)).useValue(methods);
  const module = await builder.compile();
  const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter({ forceCloseConnections: true }), { logger: false });
  app.connectMicroservice({ strategy: app.get(BusServer) }, { inheritAppConfig: true });
  await app.startAllMicroservices();
  await app.init();
  return app;
}
