import { createHash } from 'node:crypto';
import { RazorpayError } from './razorpay-error.ts';
import type { Tell } from './request-rules.ts';
import type { Settings } from './settings.ts';

/** A refund key that was used, with the request and the answer that belong to it. */
export interface UsedKey {
  fingerprint: string;
  answer: unknown;
}

export interface RefundClaim {
  /** The first answer, when the request is a repeat. */
  readonly recorded: unknown;
  /** Keeps the answer. */
  keep(answer: unknown): void;
  /** Ends the claim. A request that failed leaves the key free. */
  release(): void;
}

/** X-Refund-Idempotency: one refund for a key, whatever becomes of the answers. */
export class RefundKeys {
  readonly #settings: Settings;
  readonly #written: (key: string, used: UsedKey) => void;
  readonly #used = new Map<string, UsedKey>();
  readonly #running = new Set<string>();

  constructor(settings: Settings, written: (key: string, used: UsedKey) => void) {
    this.#settings = settings;
    this.#written = written;
  }

  /** Throws 409 while another request with the key is running, 400 (see settings) when the key was used for another payment or body. */
  claim(key: string, paymentId: string, body: unknown, tell: Tell): RefundClaim {
    const fingerprint = createHash('sha256')
      .update(`${paymentId}\n${JSON.stringify(body) ?? ''}`)
      .digest('base64');
    if (this.#running.has(key))
      throw new RazorpayError(409, { description: 'Another request with the same idempotency key is still in progress.' });
    const used = this.#used.get(key);
    if (used !== undefined && used.fingerprint !== fingerprint) {
      tell('idempotency_key_reused', 'another payment or body under a used key');
      throw new RazorpayError(this.#settings.refundKeyConflictStatus, {
        description: 'Different request with the same idempotency key has already been processed.',
      });
    }
    this.#running.add(key);
    return {
      recorded: used?.answer,
      keep: (answer) => {
        const entry = { fingerprint, answer: structuredClone(answer) };
        this.#used.set(key, entry);
        this.#written(key, entry);
      },
      release: () => this.#running.delete(key),
    };
  }

  /** Takes back a key from the ledger file. */
  restore(key: string, used: UsedKey): void {
    this.#used.set(key, used);
  }

  clear(): void {
    this.#used.clear();
    this.#running.clear();
  }
}
