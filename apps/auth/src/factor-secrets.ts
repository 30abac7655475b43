import { createHmac, hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type AuthEnv, authEnv } from './auth.env.ts';
import { unwrap, wrap } from './wrapping.ts';

/** Short codes and secrets of second factors, so that a copy of the database alone opens nothing. */
@Injectable()
export class FactorSecrets {
  private readonly keys: readonly { hashing: Buffer; sealing: Buffer }[];

  constructor(@InjectEnvironment(authEnv) env: AuthEnv) {
    this.keys = [env.FACTOR_KEY, env.FACTOR_KEY_PREVIOUS]
      .filter((secret) => secret !== undefined)
      .map((secret) => ({ hashing: derived(secret, 'hash'), sealing: derived(secret, 'seal') }));
  }

  /** The keyed hash that is kept of a short code; `about` binds it to what it is good for. */
  hashOf(about: string, code: string): string {
    return this.hashesOf(about, code)[0] as string;
  }

  /** The hashes that may stand in the database: of the present key and of the one before it. */
  hashesOf(about: string, code: string): string[] {
    return this.keys.map(({ hashing }) => createHmac('sha256', hashing).update(`${about}\n${code}`).digest('base64url'));
  }

  seal(secret: Buffer): string {
    return wrap(secret, (this.keys[0] as { sealing: Buffer }).sealing);
  }

  /** @throws when neither key has sealed it: an operator has lost one. */
  open(sealed: string): Buffer {
    for (const { sealing } of this.keys) {
      const opened = unwrap(sealed, sealing);
      if (opened !== undefined) return opened;
    }
    throw new Error('a secret was sealed with another FACTOR_KEY');
  }
}

const derived = (secret: string, use: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `only2u factor ${use}`, 32));
