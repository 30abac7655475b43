import type { Readable } from 'node:stream';
import type { ByteRange } from '#libs/contracts/contract';

/** The store of the bytes is away, slow, or answers what cannot be: 503, and nothing is lost. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

export interface StoredObject {
  readonly key: string;
  readonly storedAt: Date;
}

/** What the bytes of an object are. */
export interface Fingerprint {
  readonly size: number;
  /** SHA-256 in hexadecimal digits. */
  readonly hash: string;
}

/**
 * Where bytes are kept. Keys are made here of random ids, never of what people send. Every method either does all it says or throws
 * `StoreUnavailable`, in a few seconds.
 */
export interface ObjectStore {
  /** Takes over the file at `path`, whole or not at all; when it returns, the bytes are there. A key is written once, or again with the same bytes. */
  put(key: string, path: string, fingerprint: Fingerprint): Promise<void>;
  /** The bytes, or those of a range; undefined when there is no such object. */
  read(key: string, fingerprint: Fingerprint, range?: ByteRange): Promise<Readable | undefined>;
  has(key: string, fingerprint: Fingerprint): Promise<boolean>;
  /** Everything whose key begins with `prefix`, which ends with a slash. What is not there counts as gone. */
  removeAll(prefix: string): Promise<void>;
  /** The next objects after that key, in the order of keys. */
  list(after: string | undefined, limit: number): Promise<StoredObject[]>;
  /** Throws when the store does not answer. */
  check(): Promise<void>;
}

/** A folder of two random letters before the id keeps folders small. */
export const blobPrefix = (id: string): string => `blobs/${id.slice(-2)}/${id}/`;
export const keptKey = (id: string): string => `${blobPrefix(id)}kept`;
export const renditionKey = (id: string, preset: string, format: string): string => `${blobPrefix(id)}${preset}.${format}`;
export const partPrefix = (id: string): string => `parts/${id.slice(-2)}/${id}/`;
export const partKey = (id: string): string => `${partPrefix(id)}part`;
/** The blob or part that an object belongs to. */
export const prefixOf = (key: string): string => key.slice(0, key.lastIndexOf('/') + 1);
export const idIn = (prefix: string): string => prefix.split('/')[2] ?? '';
