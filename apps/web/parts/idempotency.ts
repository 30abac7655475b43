import { codeOf, ShopFailure } from './failure.ts';

/** Keys of what was sent and got no answer to rely on, by what it was. */
const unanswered = new Map<string, string>();

/**
 * Sends under a key for `Idempotency-Key`. Whoever repeats the same thing after a lost answer sends the same key, and so gets the answer of
 * the first; once the shop has answered, the same thing is meant anew.
 * @param what names the request and all it says
 * @throws what `send` throws
 */
export async function underKey<T>(what: string, send: (key: string) => Promise<T>): Promise<T> {
  const key = unanswered.get(what) ?? newKey();
  unanswered.set(what, key);
  try {
    const answer = await send(key);
    unanswered.delete(what);
    return answer;
  } catch (error) {
    const code = error instanceof ShopFailure ? codeOf(error.failure) : undefined;
    // A refusal is kept under its key too, and another try may be answered otherwise.
    if (code !== undefined && code !== 'idempotency_in_flight') unanswered.delete(what);
    throw error;
  }
}

/** `crypto.randomUUID` is missing on pages that a phone reads over plain http. */
const newKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
