import { createPublicKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import type { JsonWebKeySet } from '#libs/contracts/auth/views';

import type { Role } from '#libs/contracts/call';
import { refuse } from '#libs/contracts/errors';

export const TOKEN_ISSUER = 'only2u';
export const TOKEN_AUDIENCE = 'only2u-api';
export const TOKEN_TYPE = 'at+jwt';
export const TOKEN_ALGORITHM = 'ES256';
/** Seconds an access token lives. */
export const ACCESS_TOKEN_SECONDS = 900;

const MAX_TOKEN_LENGTH = 4_096;
const KEPT_TOKENS = 5_000;
/** Milliseconds between two readings: unknown key ids are a reason to read the keys again, but not for everyone who invents one. */
const REREAD_AFTER_MS = 1_000;
const SKEW_MS = 2_000;

export interface Claims {
  readonly userId: string;
  readonly sessionId: string;
  readonly roles: readonly Role[];
  /** Milliseconds. */
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly expiresAt: number;
}

/** Checks access tokens against auth's public keys; each token's signature is checked once and then remembered. */
export class AccessTokens {
  private readonly verified = new LRUCache<string, Claims>({ max: KEPT_TOKENS });
  private keys = new Map<string, KeyObject>();
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | undefined;

  /** `fetchKept` finds what auth published last, for a process that starts while auth is away. */
  constructor(
    private readonly fetchKeys: () => Promise<JsonWebKeySet>,
    private readonly fetchKept: () => Promise<JsonWebKeySet> = fetchKeys,
  ) {}

  get hasKeys(): boolean {
    return this.keys.size > 0;
  }

  /** What was remembered of a token, if its time has not run out at `at` (milliseconds on the bus clock). */
  remembered(token: string, at: number): Claims | undefined {
    const claims = this.verified.get(token);
    return claims !== undefined && isCurrent(claims, at) ? claims : undefined;
  }

  /** Throws `unauthenticated` for anything but a token of ours that is valid at `at`. */
  async verify(token: string, at: number): Promise<Claims> {
    const known = this.verified.get(token);
    if (known !== undefined) return current(known, at);
    const key = await this.keyFor(token);
    if (key === undefined) throw refuse('unauthenticated', 'The access token is not valid');
    const claims = check(token, key);
    this.verified.set(token, claims);
    return current(claims, at);
  }

  /** Keeps the claims of a token whose signature somebody else has checked with `keyFor`. */
  remember(token: string, claims: Claims): void {
    this.verified.set(token, claims);
  }

  /** The public key that a token names; undefined when the token is malformed or the key is not ours. */
  async keyFor(token: string): Promise<KeyObject | undefined> {
    const header = headerOf(token);
    if (header === undefined) return undefined;
    // A reading that began before the key was announced does not have it; the next one does.
    if (!this.keys.has(header.kid)) await this.reading;
    if (!this.keys.has(header.kid)) await this.read();
    return this.keys.get(header.kid);
  }

  /** Reads the keys, once for all who wait and a second after the last time. Keeps the old ones when auth does not answer. */
  read(): Promise<void> {
    this.reading ??= this.readInTurn().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async readInTurn(): Promise<void> {
    const pause = this.readAt + REREAD_AFTER_MS - performance.now();
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause).unref());
    this.readAt = performance.now();
    try {
      const { keys } = await this.fetchKeys().catch((error: unknown) => {
        if (this.keys.size > 0) throw error;
        return this.fetchKept();
      });
      this.keys = new Map(keys.map((key) => [key.kid, createPublicKey({ key: { ...key }, format: 'jwk' })]));
    } catch {
      if (this.keys.size === 0) this.readAt = Number.NEGATIVE_INFINITY;
    }
  }
}

const isCurrent = (claims: Claims, at: number): boolean => claims.notBefore <= at + SKEW_MS && at < claims.expiresAt;

function current(claims: Claims, at: number): Claims {
  if (!isCurrent(claims, at)) throw refuse('unauthenticated', 'The access token has expired');
  return claims;
}

/** The token's header when it is exactly what we issue: no `jku`, `jwk`, `x5u`, `crit` or anything else that asks to be trusted. */
function headerOf(token: string): { kid: string } | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  try {
    const header = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString()) as Record<string, unknown>;
    const { alg, typ, kid, ...others } = header;
    if (alg !== TOKEN_ALGORITHM || typ !== TOKEN_TYPE || typeof kid !== 'string' || Object.keys(others).length > 0) return undefined;
    return { kid };
  } catch {
    return undefined;
  }
}

/** Signature, issuer, audience and shape; time is judged by the caller, at the time the gateway received the request. */
function check(token: string, key: KeyObject): Claims {
  let payload: unknown;
  try {
    payload = jwt.verify(token, key, {
      algorithms: [TOKEN_ALGORITHM],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      ignoreExpiration: true,
      ignoreNotBefore: true,
    });
  } catch {
    throw refuse('unauthenticated', 'The access token is not valid');
  }
  return claimsOf(payload);
}

export function claimsOf(payload: unknown): Claims {
  const { sub, sid, roles, iat, nbf, exp } = payload as Record<string, unknown>;
  if (
    typeof sub !== 'string' ||
    typeof sid !== 'string' ||
    !Array.isArray(roles) ||
    typeof iat !== 'number' ||
    typeof nbf !== 'number' ||
    typeof exp !== 'number'
  ) {
    throw refuse('unauthenticated', 'The access token is not valid');
  }
  return { userId: sub, sessionId: sid, roles, issuedAt: iat * 1_000, notBefore: nbf * 1_000, expiresAt: exp * 1_000 };
}
