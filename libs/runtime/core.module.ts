import { type DynamicModule, Inject, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { Access } from '#libs/auth/access';
import { AccessTokens } from '#libs/auth/access-token';
import { Revocations } from '#libs/auth/revocations';
import { authApi } from '#libs/contracts/auth/api';
import type { AnyContract } from '#libs/contracts/contract';
import { BusClient } from '#libs/messaging/bus-client';
import type { Neighbours } from '#libs/messaging/neighbours';
import { createPeer, type Peer, peerToken } from '#libs/messaging/peer';
import { Presence } from '#libs/messaging/presence';
import { Signals } from '#libs/messaging/signals';
import { createLogger, type Logger } from '#libs/observability/logger';
import { PublishedTrust } from './published-trust.ts';
import { Rounds } from './rounds.ts';
import { instanceName, redisPlace, type Settings, servicesOf, settings } from './settings.ts';

export const SETTINGS = Symbol('settings');
export const LOGGER = Symbol('logger');

export const InjectSettings = (): ParameterDecorator => Inject(SETTINGS);
export const InjectLogger = (): ParameterDecorator => Inject(LOGGER);

const CLOCK_MS = 10_000;
const SIGNALS_MS = 5_000;

/** Of this process, where APP names several services. */
const neighbours: Neighbours = new Map();

/** Closes what the other providers still need while requests are finished, so it comes last. */
class Connections implements OnApplicationShutdown {
  constructor(
    private readonly bus: BusClient,
    private readonly signals: Signals,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    this.signals.stop();
    await this.bus.close();
  }
}

const AUTH_PEER = Symbol('auth as every process needs it');

/** The bus, who may speak on it, and the log: what the gateway and every service share. */
@Module({})
export class CoreModule {
  static for(service: string, peers: readonly AnyContract[] = []): DynamicModule {
    const providers: Provider[] = [
      { provide: SETTINGS, useFactory: () => settings.read(process.env) },
      {
        provide: LOGGER,
        inject: [SETTINGS],
        useFactory: (values: Settings) =>
          createLogger({
            name: service,
            level: values.LOG_LEVEL,
            instance: instanceName(values),
            version: values.VERSION,
            pretty: values.LOG_FORMAT === 'pretty',
          }),
      },
      { provide: Rounds, inject: [LOGGER], useFactory: (logger: Logger) => new Rounds(logger) },
      {
        provide: BusClient,
        inject: [SETTINGS, LOGGER, Rounds],
        useFactory: async (values: Settings, logger: Logger, rounds: Rounds) => {
          const { url, keyPrefix } = redisPlace(values, 'bus');
          const { BUS_SECRET: secret, BUS_SECRET_PREVIOUS: previousSecret } = values;
          const bus = new BusClient({
            ...{ redisUrl: url, keyPrefix, secret, previousSecret, service, logger },
            neighbours: servicesOf(values.APP).length > 1 ? neighbours : undefined,
          });
          await bus.connect();
          rounds.every('bus.clock', CLOCK_MS, () => bus.clock.read());
          return bus;
        },
      },
      { provide: Presence, inject: [BusClient], useFactory: (bus: BusClient) => new Presence(bus) },
      { provide: AUTH_PEER, inject: [BusClient], useFactory: (bus: BusClient) => createPeer(authApi, bus) },
      { provide: PublishedTrust, inject: [BusClient], useFactory: (bus: BusClient) => new PublishedTrust(bus) },
      {
        provide: AccessTokens,
        inject: [AUTH_PEER, PublishedTrust],
        useFactory: (auth: Peer<typeof authApi>, trust: PublishedTrust) =>
          new AccessTokens(
            () => auth.jwks({}),
            () => trust.keys(),
          ),
      },
      {
        provide: Revocations,
        inject: [AUTH_PEER, PublishedTrust],
        useFactory: (auth: Peer<typeof authApi>, trust: PublishedTrust) =>
          new Revocations(
            () => auth.revocations({}),
            () => trust.revocations(),
          ),
      },
      {
        provide: Access,
        inject: [AccessTokens, Revocations],
        useFactory: (tokens: AccessTokens, revocations: Revocations) => new Access(tokens, revocations),
      },
      {
        provide: Signals,
        inject: [BusClient, LOGGER, Revocations, Rounds],
        useFactory: async (bus: BusClient, logger: Logger, revocations: Revocations, rounds: Rounds) => {
          const signals = new Signals(bus, logger);
          signals.on(authApi.signals.revoked, (revocation) => revocations.add(revocation));
          await signals.start();
          rounds.every('bus.signals', SIGNALS_MS, () => signals.check());
          return signals;
        },
      },
      {
        provide: Connections,
        inject: [BusClient, Signals],
        useFactory: (bus: BusClient, signals: Signals) => new Connections(bus, signals),
      },
      ...peers.map(
        (contract): Provider => ({
          provide: peerToken(contract),
          inject: [BusClient],
          useFactory: (bus: BusClient) => createPeer(contract, bus),
        }),
      ),
    ];
    return {
      module: CoreModule,
      global: true,
      providers,
      exports: [
        SETTINGS,
        LOGGER,
        Rounds,
        BusClient,
        PublishedTrust,
        Presence,
        AccessTokens,
        Revocations,
        Access,
        Signals,
        ...peers.map(peerToken),
      ],
    };
  }
}
