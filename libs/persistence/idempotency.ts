import { type Call, userOf } from '#libs/contracts/call';
import type { Database } from './database.ts';
import { isUniqueViolation } from './database-errors.ts';
import { sql } from './sql.ts';
import type { Transaction } from './transaction.ts';

/** The same key came with another body: 422. */
export class IdempotencyKeyReused extends Error {
  override readonly name = 'IdempotencyKeyReused';
}

export interface KeyedRequest {
  /** The user. */
  readonly actor: string;
  /** Method and path as sent. */
  readonly route: string;
  readonly key: string;
  readonly bodyHash: string;
}

/**
 * Notes the key beside the fact it creates, in the same transaction: the id of what was made, for repeats. Undefined the first time; a
 * concurrent first use waits for this transaction and then sees its result, or proceeds when it was rolled back.
 */
export async function remember(
  transaction: Transaction,
  { actor, route, key, bodyHash }: KeyedRequest,
  result: string,
): Promise<string | undefined> {
  const inserted = await transaction.execute(sql`
    INSERT INTO idempotency_keys (actor, route, key, body_hash, result) VALUES (${actor}, ${route}, ${key}, ${bodyHash}, ${result})
    ON CONFLICT DO NOTHING`);
  return inserted === 1 ? undefined : recall(transaction, { actor, route, key, bodyHash });
}

/**
 * As `remember`, without waiting for the answer whether the key is new, which it nearly always is: one that was noted before fails the
 * transaction (`isKeyNoted`), and `recall` then tells what it made.
 */
export function noteKey(transaction: Transaction, { actor, route, key, bodyHash }: KeyedRequest, result: string): void {
  transaction.send(sql`
    INSERT INTO idempotency_keys (actor, route, key, body_hash, result) VALUES (${actor}, ${route}, ${key}, ${bodyHash}, ${result})`);
}

export const isKeyNoted = (error: unknown): boolean => isUniqueViolation(error, 'idempotency_keys_pkey');

/** The key that a request came with, scoped to its caller and route. */
export const keyOf = (call: Call): KeyedRequest | undefined =>
  call.idempotency === undefined ? undefined : { actor: userOf(call).userId, ...call.idempotency };

/**
 * Makes the fact `id` once per idempotency key, in its transaction. A repeat is answered by `read`, with the id that the first request made;
 * a request without a key is always a first one. Throws `IdempotencyKeyReused` for another body.
 */
export async function onceFor<Answer>(
  transaction: Transaction,
  call: Call,
  id: string,
  { make, read }: { readonly make: () => Promise<Answer>; readonly read: (id: string) => Promise<Answer> },
): Promise<Answer> {
  const key = keyOf(call);
  const known = key === undefined ? undefined : await remember(transaction, key, id);
  return known === undefined ? make() : read(known);
}

/** In the transaction that noted the key of this call: what was made is another fact than the one that was to be. */
export function noteResult(transaction: Transaction, call: Call, result: string): void {
  const key = keyOf(call);
  if (key === undefined) return;
  transaction.send(sql`
    UPDATE idempotency_keys SET result = ${result} WHERE actor = ${key.actor} AND route = ${key.route} AND key = ${key.key}`);
}

/** What an earlier request with the key of this call made; undefined where there is none, and for a call without a key. */
export function madeBy(queries: Pick<Database, 'row'>, call: Call): Promise<string | undefined> {
  const key = keyOf(call);
  return key === undefined ? Promise.resolve(undefined) : recall(queries, key);
}

/** The result of an earlier request with this key. Throws when that one had another body. */
export async function recall(queries: Pick<Database, 'row'>, { actor, route, key, bodyHash }: KeyedRequest): Promise<string | undefined> {
  const known = await queries.row<{ body_hash: string; result: string }>(
    sql`SELECT body_hash, result FROM idempotency_keys WHERE actor = ${actor} AND route = ${route} AND key = ${key}`,
  );
  if (known === undefined) return undefined;
  if (known.body_hash !== bodyHash) throw new IdempotencyKeyReused();
  return known.result;
}
