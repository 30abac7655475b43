import { createHash, createHmac, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { ACCESS_TOKEN_SECONDS, TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER, TOKEN_TYPE } from '#libs/auth/access-token';
import type { JsonWebKey } from '#libs/contracts/auth/views';

import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type AuthEnv, authEnv } from './auth.env.ts';
import type { AnnouncedKey } from './signing-key.repository.ts';
import { unwrap, wrap } from './wrapping.ts';

interface SigningKey {
  readonly privateKey: KeyObject;
  readonly jwk: JsonWebKey;
  /** Seals refresh tokens; follows from the private key, so that there is one secret to rotate. */
  readonly refreshSecret: Buffer;
  /** Encrypts the refresh secret of the key that comes after this one. */
  readonly wrappingKey: Buffer;
}

/** The present key signs; the one before it is still published, and what it sealed is still good. */
@Injectable()
export class SigningKeys {
  private readonly keys: readonly SigningKey[];

  constructor(@InjectEnvironment(authEnv) env: AuthEnv) {
    this.keys = [env.JWT_PRIVATE_KEY, env.JWT_PRIVATE_KEY_PREVIOUS].filter((pem) => pem !== undefined).map(signingKey);
  }

  /** What other replicas have to know of the key that signs: all of it is useless to anybody else. */
  get announcement(): AnnouncedKey {
    const [current, previous] = this.keys;
    if (current === undefined) throw new Error('there is no key');
    if (previous === undefined) return { jwk: current.jwk, wrapped: null };
    return { jwk: current.jwk, wrapped: { by: previous.jwk.kid, secret: wrap(current.refreshSecret, previous.wrappingKey) } };
  }

  get published(): JsonWebKey[] {
    return this.keys.map(({ jwk }) => jwk);
  }

  /**
   * A JWT of fifteen minutes from `issuedAt` (milliseconds on the bus clock). Times are fractions of seconds, so that a revocation can tell
   * tokens of the same second apart.
   */
  accessToken(userId: string, sessionId: string, roles: readonly string[], issuedAt: number): string {
    const { privateKey, jwk } = this.current;
    const now = issuedAt / 1_000;
    return jwt.sign(
      { sub: userId, sid: sessionId, roles, iat: now, nbf: now, exp: now + ACCESS_TOKEN_SECONDS, iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE },
      privateKey,
      {
        algorithm: TOKEN_ALGORITHM,
        header: { alg: TOKEN_ALGORITHM, typ: TOKEN_TYPE, kid: jwk.kid },
      },
    );
  }

  /** The refresh token of a generation of a session; the same each time it is made, so none is stored. */
  refreshToken({ id, generation, salt }: RefreshFamily): string {
    return `${id}.${generation}.${sealed(this.current.refreshSecret, id, generation, salt).toString('base64url')}`;
  }

  /** Whether we made this token, whichever generation of the family it is. */
  madeRefreshToken(token: ParsedRefreshToken, salt: string): boolean {
    return this.keys.some(({ refreshSecret }) => isSealedWith(refreshSecret, token, salt));
  }

  /** The same with another replica's secret, which a key of ours opens. */
  madeWithWrapped({ by, secret }: { by: string; secret: string }, token: ParsedRefreshToken, salt: string): boolean {
    const key = this.keys.find(({ jwk }) => jwk.kid === by);
    const refreshSecret = key === undefined ? undefined : unwrap(secret, key.wrappingKey);
    return refreshSecret !== undefined && isSealedWith(refreshSecret, token, salt);
  }

  private get current(): SigningKey {
    return this.keys[0] as SigningKey;
  }
}

export interface RefreshFamily {
  readonly id: string;
  readonly generation: number;
  readonly salt: string;
}

export interface ParsedRefreshToken {
  readonly sessionId: string;
  readonly generation: number;
  readonly seal: Buffer;
}

/** Undefined for what cannot be a refresh token of ours. */
export function parseRefreshToken(token: string): ParsedRefreshToken | undefined {
  const match = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,9})\.([\w-]{43})$/.exec(token);
  return match === null
    ? undefined
    : { sessionId: match[1] as string, generation: Number(match[2]), seal: Buffer.from(match[3] as string, 'base64url') };
}

const sealed = (secret: Buffer, id: string, generation: number, salt: string): Buffer =>
  createHmac('sha256', secret).update(`${id}.${generation}.${salt}`).digest();

function isSealedWith(secret: Buffer, token: ParsedRefreshToken, salt: string): boolean {
  const expected = sealed(secret, token.sessionId, token.generation, salt);
  return expected.length === token.seal.length && timingSafeEqual(expected, token.seal);
}

function signingKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem);
  const { kty, crv, x, y } = createPublicKey(privateKey).export({ format: 'jwk' }) as Record<string, string>;
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined) throw new Error('JWT_PRIVATE_KEY must be a P-256 key');
  // RFC 7638: the thumbprint of the required members in alphabetical order.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  const secretFor = (use: string): Buffer =>
    Buffer.from(hkdfSync('sha256', privateKey.export({ type: 'pkcs8', format: 'der' }), '', `only2u ${use}`, 32));
  return {
    privateKey,
    jwk: { kty, crv, x, y, kid, alg: TOKEN_ALGORITHM, use: 'sig' },
    refreshSecret: secretFor('refresh tokens'),
    wrappingKey: secretFor('next refresh secret'),
  };
}
