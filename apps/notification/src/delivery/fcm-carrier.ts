import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { connect } from 'node:tls';
import type { App, ServiceAccount } from 'firebase-admin/app';
import type { Messaging } from 'firebase-admin/messaging';
import type { DeviceRepository } from '../reach/device.repository.ts';
import { Breaker } from './breaker.ts';
import { type Carrier, isClearing, type Message, type Outcome } from './outgoing.ts';
import { secondsOf } from './sms-carrier.ts';

const AT_ONCE = 20;
const SANDBOX_PROJECT = 'only2u-sandbox';

export interface FcmOptions {
  /** JSON; undefined only beside an endpoint of a test. */
  readonly serviceAccount: string | undefined;
  readonly endpoint: string | undefined;
  readonly caFile: string | undefined;
  readonly devices: Pick<DeviceRepository, 'drop'>;
}

/** What one token came to. */
interface Pushed {
  readonly state: 'sent' | 'again' | 'unknown' | 'failed';
  readonly code?: string;
  readonly retryAfter?: number | undefined;
  /** The token is nobody's any more. */
  readonly isGone?: boolean;
}

/** What firebase-admin throws; `httpResponse` where FCM has answered. */
interface FcmError extends Error {
  readonly code?: string;
  readonly httpResponse?: { readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly data?: unknown };
}

/** Pushes by Firebase Cloud Messaging. firebase-admin is heavy, so it is loaded with the first push. */
export class FcmCarrier implements Carrier {
  readonly atOnce = AT_ONCE;
  private readonly breaker = new Breaker();
  private opened: Promise<{ app: App; messaging: Messaging }> | undefined;

  constructor(private readonly options: FcmOptions) {}

  restsFor(): number {
    return this.breaker.restsFor();
  }

  carry(messages: readonly Message[]): Promise<readonly Outcome[]> {
    return Promise.all(messages.map((message) => this.push(message)));
  }

  close(): void {
    this.opened
      ?.then(async ({ app }) => {
        const { deleteApp } = await import('firebase-admin/app');
        await deleteApp(app);
      })
      .catch(() => undefined);
  }

  /** To all devices of a user. It is sent once one of them has it; a token that is gone is dropped. */
  private async push(message: Message): Promise<Outcome> {
    const results = await Promise.all(message.to.map((token) => this.pushTo(token, message)));
    const gone = message.to.filter((_, index) => results[index]?.isGone === true);
    if (gone.length > 0) await this.options.devices.drop(gone);
    const [best] = [...results].sort((one, other) => RANKS.indexOf(one.state) - RANKS.indexOf(other.state));
    const { state = 'failed', code, retryAfter } = best ?? {};
    return { state, provider: 'fcm', ...(code === undefined ? {} : { code }), ...(retryAfter === undefined ? {} : { retryAfter }) };
  }

  private async pushTo(token: string, { subject = '', text, data }: Message): Promise<Pushed> {
    try {
      const { messaging } = await this.open();
      const shown = isClearing(data) ? {} : { notification: { title: subject, body: text } };
      await messaging.send({ token, ...shown, data: { ...data } });
      this.breaker.answered();
      return { state: 'sent' };
    } catch (error) {
      return this.judged(error as FcmError);
    }
  }

  private judged(error: FcmError): Pushed {
    const { httpResponse, code = 'failed' } = error;
    if (httpResponse === undefined) {
      this.breaker.failed();
      return hasLeft(error) ? { state: 'unknown', code } : { state: 'again', code: 'unreachable' };
    }
    const { status, headers, data } = httpResponse;
    // First, for none of these says anything of the token, whatever its details.
    if (status === 401 || status === 403 || status === 429 || status >= 500) {
      const retryAfter = secondsOf(headers['retry-after']?.toString());
      // 429 may be of one device: it holds that message, and the others only where several come in a row.
      this.breaker.failed(status === 503 ? retryAfter : undefined);
      return { state: 'again', code: String(status), retryAfter };
    }
    this.breaker.answered();
    const { fcmCode, blamesPayload } = detailsOf(data);
    if (fcmCode === 'UNREGISTERED' || (fcmCode === 'INVALID_ARGUMENT' && !blamesPayload))
      return { state: 'failed', code: fcmCode, isGone: true };
    return { state: 'failed', code: fcmCode ?? String(status) };
  }

  private open(): Promise<{ app: App; messaging: Messaging }> {
    this.opened ??= this.load();
    return this.opened;
  }

  private async load(): Promise<{ app: App; messaging: Messaging }> {
    const [{ cert, initializeApp }, { getMessaging }] = await Promise.all([
      import('firebase-admin/app'),
      import('firebase-admin/messaging'),
    ]);
    const { serviceAccount, endpoint, caFile } = this.options;
    const account: ServiceAccount & { project_id?: string } = serviceAccount === undefined ? {} : JSON.parse(serviceAccount);
    // Each lane has an app of its own.
    const name = `only2u-${randomUUID()}`;
    const app =
      endpoint === undefined
        ? initializeApp({ credential: cert(account) }, name)
        : initializeApp(
            {
              projectId: account.project_id ?? SANDBOX_PROJECT,
              credential: { getAccessToken: async () => ({ access_token: 'none', expires_in: 3_600 }) },
              httpAgent: new EndpointAgent(endpoint, caFile),
            },
            name,
          );
    const messaging = getMessaging(app);
    withoutRepeats(messaging);
    return { app, messaging };
  }
}

const NOT_REACHED = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|connect ETIMEDOUT/;

/** Whether a push without an answer may have been taken: not where there was no token to ask with, nor a connection to ask on. */
export function hasLeft({ code, message, cause }: Pick<FcmError, 'code' | 'message' | 'cause'>): boolean {
  if (code === 'app/invalid-credential' || NOT_REACHED.test(message)) return false;
  const { request } = (typeof cause === 'object' && cause !== null ? cause : {}) as {
    request?: { socket?: { secureConnecting?: boolean } };
  };
  return request?.socket?.secureConnecting !== true;
}

const RANKS: readonly Pushed['state'][] = ['sent', 'unknown', 'again', 'failed'];

/** The library repeats what it got no answer to, which may show a push twice, and repeats while others wait. It has no option for it. */
function withoutRepeats(messaging: Messaging): void {
  const { messagingRequestHandler: handler } = messaging as unknown as {
    messagingRequestHandler?: { httpClient?: { retry?: { maxRetries: number } } };
  };
  const retry = handler?.httpClient?.retry;
  if (retry === undefined) throw new Error('firebase-admin has changed inside: its repeats can no longer be switched off');
  retry.maxRetries = 0;
}

function detailsOf(data: unknown): { fcmCode: string | undefined; blamesPayload: boolean } {
  const body = (typeof data === 'object' && data !== null ? data : {}) as { error?: { details?: readonly Record<string, unknown>[] } };
  const details = Array.isArray(body.error?.details) ? body.error.details : [];
  const ofType = (type: string) => details.find((one) => String(one['@type']).endsWith(type));
  const code = ofType('google.firebase.fcm.v1.FcmError')?.errorCode;
  const violations = ofType('google.rpc.BadRequest')?.fieldViolations;
  const fields = Array.isArray(violations) ? violations.map((one: { field?: unknown }) => String(one.field)) : [];
  return { fcmCode: typeof code === 'string' ? code : undefined, blamesPayload: fields.some((field) => field !== 'message.token') };
}

/** Goes to another server than the one that the library asks for. */
class EndpointAgent extends Agent {
  private readonly endpoint: URL;
  private readonly ca: Buffer | undefined;

  constructor(endpoint: string, caFile: string | undefined) {
    super({ keepAlive: true });
    this.endpoint = new URL(endpoint);
    this.ca = caFile === undefined ? undefined : readFileSync(caFile);
  }

  override createConnection(): ReturnType<typeof connect> {
    const { hostname, port } = this.endpoint;
    const host = hostname.replace(/^\[|\]$/g, '');
    return connect({
      host,
      port: Number(port || 443),
      ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }),
      ...(this.ca === undefined ? {} : { ca: this.ca }),
    });
  }
}
