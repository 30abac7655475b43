import { v7 as uuidv7 } from 'uuid';
import type { PostalAddress } from '#libs/contracts/auth/views';
import type { Actor, Call, Role } from '#libs/contracts/call';
import { Refusal } from '#libs/contracts/errors';
import type { Quote } from '#libs/contracts/product/messages';
import { isTransient } from '#libs/persistence/database-errors';

/** A call by nobody in particular, with ten seconds left. */
export function aCall(fields: Partial<Call> = {}): Call {
  return { actor: { kind: 'anonymous' }, requestId: uuidv7(), deadline: Date.now() + 10_000, receivedAt: Date.now(), ...fields };
}

export const aUser = (userId: string = uuidv7(), ...roles: Role[]): Actor => ({
  kind: 'user',
  userId,
  sessionId: uuidv7(),
  roles: roles.length === 0 ? ['customer'] : roles,
});

/** A customer's call; `key` is its Idempotency-Key, and absent for undefined. */
export const aCallBy = (userId?: string, key?: string, bodyHash?: string): Call => withKey(aCall({ actor: aUser(userId) }), key, bodyHash);

/** The same call with that Idempotency-Key, or as it is for undefined. */
export const withKey = (call: Call, key: string | undefined, bodyHash = 'hash'): Call =>
  key === undefined ? call : { ...call, idempotency: { key, route: 'POST /api/tests', bodyHash } };

/** A variant as product quotes it. */
export function aQuote(fields: Partial<Quote> = {}): Quote {
  return {
    ...{ variantId: uuidv7(), productId: uuidv7(), sku: 'KURTA-M', name: 'Kurta', brand: 'Aaranya', size: 'M', color: 'Indigo' },
    ...{ image: null, price: 129_900, hsn: '6211', categoryIds: [], available: 10, ...fields },
  };
}

export function anAddress(fields: Partial<PostalAddress> = {}): PostalAddress {
  return {
    ...{ name: 'Meera', phone: '+919876543210', line1: '14, 3rd Cross', city: 'Bengaluru' },
    ...{ state: 'Karnataka', pincode: '560038', country: 'IN', ...fields },
  };
}

/** `ok`, the code of the refusal that the work ends in, or any other error as text. */
export async function codeOf(work: Promise<unknown> | (() => Promise<unknown> | undefined)): Promise<string> {
  try {
    await (typeof work === 'function' ? work() : work);
    return 'ok';
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
}

/** Waits for a fact that is promised, and returns it: what `look` finds, unless that is undefined or false. An error counts as not yet. */
export async function eventually<T>(look: () => T | Promise<T>, withinMs = 20_000): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + withinMs;
  for (;;) {
    let failure: unknown;
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${look}`, { cause: failure });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until `check` throws no more, and returns what it returned; as long as a busy machine may take, where `vi.waitFor` gives up after a second. */
export async function inTheEnd<T>(check: () => T | Promise<T>, withinMs = 20_000): Promise<T> {
  for (const end = performance.now() + withinMs; ; ) {
    try {
      return await check();
    } catch (failure) {
      if (performance.now() > end) throw failure;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Does again what found no connection free in time: a hundred callers share a pool of four. Only for work that changes nothing when it fails. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || tries === 50) throw error;
    }
  }
}
