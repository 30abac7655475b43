import { UNREGISTERED } from '../texts/texts.ts';
import { Breaker } from './breaker.ts';
import type { Carrier, Message, Outcome } from './outgoing.ts';
import type { SmsProvider } from './sms-providers.ts';

const AT_ONCE = 5;
const ANSWER_MS = 8_000;

/** SMS by a provider's HTTP interface. */
export class SmsCarrier implements Carrier {
  readonly atOnce = AT_ONCE;
  private readonly breaker = new Breaker();

  constructor(private readonly provider: SmsProvider) {}

  restsFor(): number {
    return this.breaker.restsFor();
  }

  carry(messages: readonly Message[]): Promise<readonly Outcome[]> {
    return Promise.all(messages.map((message) => this.send(message)));
  }

  private async send(message: Message): Promise<Outcome> {
    const { name: provider } = this.provider;
    const { dltTemplateId = UNREGISTERED } = message;
    if (dltTemplateId === UNREGISTERED) return { state: 'failed', provider, code: 'not_registered' };
    const { url, init } = this.provider.request(message, dltTemplateId);
    let response: Response;
    try {
      response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) });
    } catch (error) {
      this.breaker.failed();
      // Refused at the door, it was not taken; silent after that, nobody knows.
      return wasNotReached(error) ? { state: 'again', provider, code: 'unreachable' } : { state: 'unknown', provider, code: 'no_answer' };
    }
    const body = await response.text().catch(() => '');
    if (response.status === 429 || response.status >= 500) {
      const retryAfter = secondsOf(response.headers.get('retry-after'));
      this.breaker.failed(retryAfter);
      return { state: 'again', provider, code: String(response.status), ...(retryAfter === undefined ? {} : { retryAfter }) };
    }
    this.breaker.answered();
    const read = this.provider.read(response.status, body);
    return 'id' in read ? { state: 'sent', provider, providerId: read.id } : { state: 'failed', provider, code: read.code };
  }
}

const NOT_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED']);

const wasNotReached = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause && NOT_REACHED.has(String(cause.code));
};

/** `Retry-After` as seconds or as a date. */
export function secondsOf(header: string | null | undefined): number | undefined {
  if (header == null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1_000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 86_400) : undefined;
}
