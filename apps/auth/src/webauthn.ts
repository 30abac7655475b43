import { Injectable } from '@nestjs/common';
import { parse as bytesOfUuid } from 'uuid';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectSettings } from '#libs/runtime/core.module';
import { publicUrl, type Settings } from '#libs/runtime/settings';
import { type AuthEnv, authEnv } from './auth.env.ts';
import { PASSKEY_SECONDS, type PasskeyRow } from './passkey.repository.ts';

/** The parts of a browser's answer that count. All are base64url. */
export interface Attested {
  readonly credentialId: string;
  readonly clientDataJSON: string;
  readonly attestationObject: string;
}
export interface Asserted {
  readonly credentialId: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
}

type Library = typeof import('@simplewebauthn/server');

/** WebAuthn for the shop's own host; what comes from a browser is judged by @simplewebauthn/server, which is loaded when it is first needed. */
@Injectable()
export class WebAuthn {
  readonly relyingParty: { readonly id: string; readonly name: string };
  private readonly origin: string;
  private readonly origins: readonly string[];
  private loading: Promise<Library> | undefined;

  constructor(@InjectSettings() settings: Settings, @InjectEnvironment(authEnv) env: AuthEnv) {
    const { hostname, origin } = new URL(publicUrl(settings));
    this.relyingParty = { id: hostname, name: 'Only2U' };
    this.origin = origin;
    this.origins = env.CORS_ORIGINS;
  }

  async creationOptions(user: { id: string; account: string; name: string }, known: readonly PasskeyRow[]) {
    const { generateRegistrationOptions } = await this.library();
    return generateRegistrationOptions({
      ...{ rpName: this.relyingParty.name, rpID: this.relyingParty.id, timeout: PASSKEY_SECONDS * 1_000, attestationType: 'none' },
      ...{ userName: user.account, userDisplayName: user.name, userID: Uint8Array.from(bytesOfUuid(user.id)) },
      excludeCredentials: known.map(({ credential_id, transports }) => ({ id: credential_id, transports })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
  }

  /** `known`: of one user, where the passkey is the second factor; without, any that the authenticator finds itself. */
  async requestOptions(known: readonly PasskeyRow[]) {
    const { generateAuthenticationOptions } = await this.library();
    return generateAuthenticationOptions({
      ...{ rpID: this.relyingParty.id, timeout: PASSKEY_SECONDS * 1_000, userVerification: 'required' },
      ...(known.length === 0
        ? {}
        : { allowCredentials: known.map(({ credential_id, transports }) => ({ id: credential_id, transports })) }),
    });
  }

  /** The new key; undefined for what does not hold. */
  async attested({ credentialId, ...response }: Attested, challenge: string): Promise<{ publicKey: Buffer; counter: number } | undefined> {
    const { verifyRegistrationResponse } = await this.library();
    const verified = await verifyRegistrationResponse({
      response: { id: credentialId, rawId: credentialId, type: 'public-key', clientExtensionResults: {}, response },
      ...{ expectedChallenge: challenge, expectedOrigin: this.expectedOrigin(response), expectedRPID: this.relyingParty.id },
    }).catch(() => undefined);
    if (verified?.verified !== true || verified.registrationInfo.credential.id !== credentialId) return undefined;
    const { publicKey, counter } = verified.registrationInfo.credential;
    return { publicKey: Buffer.from(publicKey), counter };
  }

  /** What the authenticator counts now; undefined for what does not hold. */
  async asserted({ credentialId, ...response }: Asserted, challenge: string, key: PasskeyRow): Promise<number | undefined> {
    const { verifyAuthenticationResponse } = await this.library();
    const verified = await verifyAuthenticationResponse({
      response: { id: credentialId, rawId: credentialId, type: 'public-key', clientExtensionResults: {}, response },
      ...{ expectedChallenge: challenge, expectedOrigin: this.expectedOrigin(response), expectedRPID: this.relyingParty.id },
      credential: { id: key.credential_id, publicKey: Uint8Array.from(key.public_key), counter: Number(key.counter) },
    }).catch(() => undefined);
    return verified?.verified === true ? verified.authenticationInfo.newCounter : undefined;
  }

  /** The page's own origin where it may use the shop's passkeys, else the shop's, which it is not. */
  private expectedOrigin({ clientDataJSON }: { clientDataJSON: string }): string {
    const { origin } = clientDataOf(clientDataJSON);
    const isAllowed = origin !== undefined && (this.origins.includes(origin) || this.origins.includes(origin.replace(/:\d+$/, '')));
    return isAllowed ? origin : this.origin;
  }

  private library(): Promise<Library> {
    this.loading ??= import('@simplewebauthn/server');
    return this.loading;
  }
}

/** What a browser says that it was asked. */
export function clientDataOf(clientDataJSON: string): { challenge?: string; origin?: string } {
  try {
    const { challenge, origin } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()) as Record<string, unknown>;
    return { ...(typeof challenge === 'string' ? { challenge } : {}), ...(typeof origin === 'string' ? { origin } : {}) };
  } catch {
    return {};
  }
}
