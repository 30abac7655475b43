import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { GATEWAY } from '#libs/auth/access';
import { AccessTokens } from '#libs/auth/access-token';
import { Revocations } from '#libs/auth/revocations';
import { authApi } from '#libs/contracts/auth/api';
import { BusClient } from '#libs/messaging/bus-client';
import { BusServer } from '#libs/messaging/bus-server';
import { BEAT_MS, Presence } from '#libs/messaging/presence';
import { Signals } from '#libs/messaging/signals';
import { type Logger, NestLogger } from '#libs/observability/logger';
import { collectProcessMetrics } from '#libs/observability/metrics';
import { startTracing } from '#libs/observability/tracing';
import { BYTES, type Bytes, serveBytes } from './byte-routes.ts';
import { LOGGER, SETTINGS } from './core.module.ts';
import { type Declarations, type Environment, EnvironmentError, together, type ValuesOf } from './environment.ts';
import { Probes, Readiness } from './probes.ts';
import { Rounds } from './rounds.ts';
import { Serving } from './serving.ts';
import { instanceName, listeningPort, probePort, type Settings, settings } from './settings.ts';
import { shutdown } from './shutdown.ts';
import type { ServiceName } from './topology.ts';

/** For what neither a signal nor its repeats have brought. Whoever is refused at the gateway comes no further, and their sockets end there. */
const REVOCATIONS_MS = { gateway: 3_000, services: 20_000 };

/** Starts one service in this process: bus, probes, bytes; until SIGTERM drains it. */
export async function runService(
  service: ServiceName,
  module: Type<object>,
  own: Environment<Declarations> = { variables: {}, checks: [], read: () => ({}) },
): Promise<void> {
  readSettings(service, own);
  try {
    const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter({ forceCloseConnections: 'idle' }), {
      logger: false,
      abortOnError: false,
    });
    await listen(app, service);
  } catch (error) {
    exit(service, error);
  }
}

/** Every problem with the environment at once, or its values. */
export function readSettings<D extends Declarations>(service: ServiceName, own: Environment<D>): ValuesOf<D> & Settings {
  process.env.APP ??= service;
  try {
    return together(settings, own).read(process.env) as ValuesOf<D> & Settings;
  } catch (error) {
    return exit(service, error);
  }
}

/** Serves probes and, for a service, the bus; announces it; drains it on SIGTERM, SIGINT, or when the process' parent is gone. */
export async function listen(app: NestFastifyApplication, service: ServiceName): Promise<void> {
  const values = app.get<Settings>(SETTINGS);
  const logger = app.get<Logger>(LOGGER);
  app.useLogger(new NestLogger(logger));
  tracing ??= traced(values.APP ?? service, values);
  const stopTracing = await tracing;
  const readiness = requirementsOf(app);
  await serveProbes(app, readiness, values, service);
  const revocations = app.get(Revocations);
  const learn = (): Promise<unknown> => Promise.all([app.get(AccessTokens).read(), revocations.read()]);
  // Before the first message, or a session that was ended could get in until this process has read of it. Auth has to answer first: itself too.
  if (service !== authApi.name) await learn();
  const server = service === GATEWAY ? undefined : app.get(BusServer);
  if (server !== undefined) {
    app.connectMicroservice({ strategy: server }, { inheritAppConfig: true });
    await app.startAllMicroservices();
    const bytes = app.get<Bytes | null>(BYTES);
    if (bytes !== null) serveBytes(app, bytes.contract, app.get(bytes.handlers), app.get(Serving), app.get(BusClient));
  }
  if (service === authApi.name) await learn();
  const [presence, rounds] = [app.get(Presence), app.get(Rounds)];
  const readEveryMs = service === GATEWAY ? REVOCATIONS_MS.gateway : REVOCATIONS_MS.services;
  const reading = rounds.every('auth.revocations', readEveryMs, () => revocations.read());
  app.get(Signals).onRenewed = () => reading.wake();
  const port = listeningPort(values, service);
  await app.listen(port, values.HOST);
  await presence.announce(`http://${hostInUrl(values)}:${port}`, () => readiness.isReady);
  rounds.every('bus.presence', BEAT_MS, () => presence.beat());
  shutdown.add({
    name: service,
    leave: async (reason) => {
      logger.info({ reason }, 'service.draining');
      readiness.drain();
      await presence.leave();
    },
    close: async () => {
      await app.close();
      logger.info('service.stopped');
    },
    atTheEnd: stopTracing,
  });
  logger.info({ service, port }, 'service.ready');
}

/** One for all services of the process. */
let tracing: Promise<() => Promise<void>> | undefined;

/** On a listener of their own; in development on the public port too. */
async function serveProbes(app: NestFastifyApplication, readiness: Readiness, values: Settings, service: ServiceName): Promise<void> {
  collectProcessMetrics(service, values.VERSION);
  const probes = new Probes(service, readiness);
  if (values.NODE_ENV !== 'production') probes.addTo(app);
  await probes.listen(probePort(values, service), values.PROBE_HOST ?? values.HOST);
}

/** Where other processes reach this one. */
export function hostInUrl({ HOST, POD_IP }: Pick<Settings, 'HOST' | 'POD_IP'>): string {
  const host = HOST === '0.0.0.0' || HOST === '::' ? (POD_IP ?? hostname()) : HOST;
  return isIPv6(host) ? `[${host}]` : host;
}

async function traced(service: string, values: Settings): Promise<() => Promise<void>> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio } = values;
  if (endpoint === undefined) return async () => undefined;
  return startTracing({ service, instance: instanceName(values), version: values.VERSION, endpoint, sampler, ratio });
}

function requirementsOf(app: NestFastifyApplication): Readiness {
  const readiness = app.get(Readiness);
  const bus = app.get(BusClient);
  const tokens = app.get(AccessTokens);
  const revocations = app.get(Revocations);
  readiness.require({ name: 'redis', isUp: () => bus.isConnected });
  readiness.requireForLife({ name: 'replies', isUp: () => !bus.isDeaf });
  readiness.require({
    name: 'keys',
    isUp: () => {
      // Auth may come up after this process; asking is bounded by the reader itself.
      if (!tokens.hasKeys) void tokens.read();
      return tokens.hasKeys;
    },
  });
  readiness.require({ name: 'revocations', isUp: () => revocations.isReady });
  return readiness;
}

function exit(service: string, error: unknown): never {
  const reason =
    error instanceof EnvironmentError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${service} cannot start: ${reason}\n`);
  process.exit(1);
}
