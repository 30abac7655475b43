import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface Delivery {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Ms until the answer's end. */
  readonly timeoutMs: number;
}

export interface Answer {
  /** Null when no answer came. */
  readonly status: number | null;
  readonly error?: string;
  readonly tookMs: number;
}

/** Posts over kept connections; `fetch` would cost several times the CPU. Never rejects. */
export class Poster {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https = new HttpsAgent({ keepAlive: true });
  readonly #stopping = new AbortController();

  post({ url, body, headers, timeoutMs }: Delivery): Promise<Answer> {
    const began = performance.now();
    const tookMs = () => Math.round(performance.now() - began);
    return new Promise((resolve) => {
      const target = new URL(url);
      const isSecure = target.protocol === 'https:';
      const outgoing = (isSecure ? httpsRequest : httpRequest)(target, {
        method: 'POST',
        agent: isSecure ? this.#https : this.#http,
        signal: this.#stopping.signal,
        headers: {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
          'user-agent': 'Razorpay-Webhook/v1',
          ...headers,
        },
      });
      const timer = setTimeout(() => outgoing.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
      const finish = (answer: Answer): void => {
        clearTimeout(timer);
        resolve(answer);
      };
      outgoing.on('response', (response) => {
        response.on('end', () => finish({ status: response.statusCode ?? null, tookMs: tookMs() }));
        response.on('error', (error) => finish({ status: null, error: error.message, tookMs: tookMs() }));
        response.resume();
      });
      outgoing.on('error', (error) => finish({ status: null, error: error.message || String(error), tookMs: tookMs() }));
      outgoing.end(body);
    });
  }

  close(): void {
    this.#stopping.abort();
    this.#http.destroy();
    this.#https.destroy();
  }
}
