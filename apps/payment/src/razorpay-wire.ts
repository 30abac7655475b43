import { Agent as HttpAgent, request as plainRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as tlsRequest } from 'node:https';

export interface WireOptions {
  readonly keyId: string;
  readonly keySecret: string;
  /** The host, without /v1. */
  readonly baseUrl: string;
  /** Milliseconds of silence after which a call is lost. */
  readonly silenceMs: number;
  /** Milliseconds after which it is lost although bytes go on dribbling in. */
  readonly limitMs: number;
  readonly maxAnswerBytes: number;
}

/** As the package's connections are kept: an idle one goes before Razorpay closes it. */
const IDLE_MS = 5_000;

/**
 * Razorpay for the two calls that every purchase makes, on connections that are kept. The package takes four times the CPU for them. What
 * it throws has the shape of the package's own errors, for `razorpayErrorOf`.
 */
export class RazorpayWire {
  private readonly origin: URL;
  private readonly agent: HttpAgent;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(private readonly options: WireOptions) {
    this.origin = new URL(options.baseUrl);
    const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(this.origin.hostname);
    // A proxy from the environment cannot reach our own machine.
    const kept = { keepAlive: true, scheduling: 'lifo', timeout: IDLE_MS, ...(isLocal ? {} : { proxyEnv: process.env }) } as const;
    this.agent = this.origin.protocol === 'https:' ? new HttpsAgent(kept) : new HttpAgent(kept);
    const login = Buffer.from(`${options.keyId}:${options.keySecret}`).toString('base64');
    this.headers = { authorization: `Basic ${login}`, accept: 'application/json' };
  }

  get(path: string): Promise<unknown> {
    return this.send('GET', path, undefined);
  }

  post(path: string, body: object): Promise<unknown> {
    return this.send('POST', path, Buffer.from(JSON.stringify(body)));
  }

  private send(method: string, path: string, body: Buffer | undefined): Promise<unknown> {
    const { silenceMs, limitMs, maxAnswerBytes } = this.options;
    const options: RequestOptions = {
      method,
      agent: this.agent,
      timeout: silenceMs,
      headers: {
        ...this.headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
      },
    };
    const url = new URL(`${this.origin.pathname.replace(/\/$/, '')}${path}`, this.origin);
    return new Promise((resolve, reject) => {
      const sent = (this.origin.protocol === 'https:' ? tlsRequest : plainRequest)(url, options);
      const limit = setTimeout(() => sent.destroy(lost('ETIMEDOUT')), limitMs);
      sent.once('timeout', () => sent.destroy(lost('ETIMEDOUT')));
      sent.once('close', () => clearTimeout(limit));
      sent.once('error', reject);
      sent.once('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > maxAnswerBytes) sent.destroy(lost('EMSGSIZE'));
          else chunks.push(chunk);
        });
        response.once('error', reject);
        response.once('end', () => {
          const statusCode = response.statusCode ?? 0;
          const answer = parsed(Buffer.concat(chunks));
          if (statusCode >= 200 && statusCode < 300) resolve(answer);
          else reject({ statusCode, error: (answer as { error?: unknown } | undefined)?.error });
        });
      });
      sent.end(body);
    });
  }
}

const lost = (code: string): Error => Object.assign(new Error('Razorpay did not answer'), { code });

/** Undefined for what is no JSON. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) ?? undefined;
  } catch {
    return undefined;
  }
}
