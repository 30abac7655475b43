import type { FastifyInstance } from 'fastify';
import { Account, type Change } from './account.ts';
import { buildApi, endpointNames } from './api.ts';
import { Clock } from './clock.ts';
import { buildControlApi } from './control-api.ts';
import { Controls } from './controls.ts';
import type { ApiParts } from './endpoint.ts';
import { Faults } from './faults.ts';
import { suffixOf } from './identifiers.ts';
import { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { armPayment } from './payments.ts';
import { RefundKeys, type UsedKey } from './refund-keys.ts';
import { defaultSettings, defaultWebhookRetry, type Settings, type WebhookRetry } from './settings.ts';
import { Violations } from './violations.ts';
import { newEvent, type WebhookEvent } from './webhook-event.ts';
import { Webhooks, type WebhookTarget } from './webhooks.ts';

export interface SimulatorOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number | undefined;
  readonly controlPort?: number | undefined;
  /** Default 127.0.0.1. The control port asks for no password: think before you name another. */
  readonly host?: string | undefined;
  readonly keyId: string;
  readonly keySecret: string;
  /** Without it events are recorded and go nowhere; with it a secret is needed. */
  readonly webhookUrl?: string | undefined;
  readonly webhookSecret?: string | undefined;
  /** The secret before the last change, for deliveries signed with it. */
  readonly webhookPreviousSecret?: string | undefined;
  /** Keeps orders, payments, refunds, disputes, refund keys, events and the clock over a restart. Settings and faults are not kept. */
  readonly ledgerFile?: string | undefined;
  readonly webhookRetry?: Partial<WebhookRetry> | undefined;
  readonly settings?: Partial<Settings> | undefined;
  /** Ms since 1970; Date.now by default. */
  readonly now?: (() => number) | undefined;
}

export interface Simulator {
  /** What RAZORPAY_BASE_URL takes: without /v1. */
  readonly url: string;
  readonly controlUrl: string;
  readonly port: number;
  readonly controlPort: number;
  /** What the control port does, for tests in the same process. */
  readonly controls: Controls;
  ledger(): Ledger;
  /** Ends both servers, cuts open connections and writes what is left to the ledger file. */
  close(): Promise<void>;
}

/** Starts a Razorpay of one's own. Rejects when a port is taken, the ledger file cannot be used, or a webhook has no secret. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { keyId, keySecret, host = '127.0.0.1' } = options;
  const firstTarget = targetOf(options);
  const clock = new Clock(options.now);
  const firstSettings: Settings = { ...defaultSettings, ...withoutUndefined(options.settings) };
  const settings = { ...firstSettings };
  const opened = options.ledgerFile === undefined ? undefined : await Journal.open(options.ledgerFile, reportLostWrite);
  const journal = opened?.journal;
  const append = (key: string, value: unknown): void => journal?.append({ key, value });

  const accountId = `acc_${suffixOf(keyId)}`;
  const webhooks = new Webhooks({
    clock,
    settings,
    retry: { ...defaultWebhookRetry, ...withoutUndefined(options.webhookRetry) },
    target: { ...firstTarget },
    recorded: (event) => append(`event/${event.id}`, event),
    written: ({ id, state, attempts, attemptCount, nextTryAt }) =>
      append(`event-state/${id}`, { state, attempts, attemptCount, nextTryAt }),
    forgotten: ({ id }) => {
      append(`event/${id}`, null);
      append(`event-state/${id}`, null);
    },
  });
  const account = new Account({
    clock,
    settings,
    written: (change) => append(`${change.kind}/${change.record.entity.id}`, change),
    happened: (event, subject) => webhooks.publish(newEvent(accountId, event, subject, clock.milliseconds())),
  });
  const violations = new Violations(() => clock.milliseconds());
  const refundKeys = new RefundKeys(settings, (key, used) => append(`refund-key/${key}`, used));
  const faults = new Faults();
  const parts: ApiParts = { account, faults, violations, refundKeys, keyId, keySecret };
  if (opened !== undefined) restore(opened.lines, { account, webhooks, refundKeys, clock });

  const reset = async (): Promise<void> => {
    clock.clear();
    for (const part of [account, webhooks, faults, violations, refundKeys]) part.clear();
    clock.offsetMs = 0;
    Object.assign(settings, firstSettings);
    Object.assign(webhooks.target, firstTarget);
    await journal?.clear();
  };
  const controls = new Controls({ account, accountId, keySecret, endpoints: endpointNames(parts), faults, violations, webhooks, reset });
  clock.moved = () => append('clock', clock.offsetMs);

  const api = buildApi(parts);
  const controlApi = buildControlApi(controls);
  const close = async (): Promise<void> => {
    clock.stop();
    webhooks.close();
    await Promise.all([api.close(), controlApi.close()]);
    await journal?.close();
  };
  try {
    const [port, controlPort] = await Promise.all([listen(api, host, options.port), listen(controlApi, host, options.controlPort)]);
    const address = (listening: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${listening}`;
    return { url: address(port), controlUrl: address(controlPort), port, controlPort, controls, ledger: () => controls.ledger(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function targetOf({ webhookUrl, webhookSecret, webhookPreviousSecret }: SimulatorOptions): WebhookTarget {
  if (webhookUrl && !webhookSecret) throw new Error('A webhook url needs a webhook secret');
  if (webhookUrl && !/^https?:/.test(URL.canParse(webhookUrl) ? webhookUrl : '')) throw new Error('The webhook url must be http or https');
  return { url: webhookUrl || null, secret: webhookSecret || null, previousSecret: webhookPreviousSecret || null, enabled: true };
}

async function listen(app: FastifyInstance, host: string, port = 0): Promise<number> {
  return Number(new URL(await app.listen({ host, port })).port);
}

function restore(
  lines: ReadonlyMap<string, unknown>,
  { account, webhooks, refundKeys, clock }: { account: Account; webhooks: Webhooks; refundKeys: RefundKeys; clock: Clock },
): void {
  const events: WebhookEvent[] = [];
  clock.offsetMs = Number(lines.get('clock') ?? 0);
  for (const [key, value] of lines) {
    const [kind, id = ''] = key.split(/\/(.*)/s);
    // The file is this program's own and each line was one of these when it was written; so the casts.
    if (kind === 'event') events.push({ ...(value as WebhookEvent), ...(lines.get(`event-state/${id}`) as Partial<WebhookEvent>) });
    else if (kind === 'refund-key') refundKeys.restore(id, value as UsedKey);
    else if (kind !== 'event-state' && kind !== 'clock') account.put(value as Change);
  }
  for (const payment of account.payments.values()) armPayment(account, payment);
  for (const event of events) webhooks.restore(event);
}

function reportLostWrite(error: unknown): void {
  process.stderr.write(`${JSON.stringify({ event: 'razorpay_sim.ledger_write_failed', error: String(error) })}\n`);
}

function withoutUndefined<T extends object>(given: T | undefined): Partial<T> {
  const kept: Partial<T> = { ...given };
  for (const name in kept) if (kept[name] === undefined) delete kept[name];
  return kept;
}
