import type { Schemas } from '#libs/client/client';
import { api, ask } from './api.ts';
import { ShopFailure } from './failure.ts';
import { BY_COOKIE } from './renewal.ts';
import type { SignInAnswer } from './sign-in/sign-in-answer.ts';

/** Older browsers lack the forms in JSON, and a page over plain http has none of it, localhost aside. */
export const canUsePasskeys = typeof PublicKeyCredential !== 'undefined' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

/**
 * Makes a passkey on this device and tells the shop of it.
 * @throws ShopFailure
 */
export async function enrolPasskey(): Promise<Schemas['Passkey']> {
  const options = await ask(api.POST('/api/auth/passkeys/enrol/options'));
  const made = await fromDevice(() =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  );
  const { id, response } = made.toJSON();
  if (!('attestationObject' in response)) throw noPasskey();
  const body = {
    credentialId: id,
    clientDataJSON: response.clientDataJSON,
    attestationObject: response.attestationObject,
    transports: response.transports,
  };
  return ask(api.POST('/api/auth/passkeys/enrol/verify', { body }));
}

/**
 * Signs in with a passkey of this device.
 * @param mfaToken of a sign-in whose second factor it is
 * @throws ShopFailure
 */
export async function signInByPasskey(mfaToken?: string): Promise<SignInAnswer> {
  const question = mfaToken === undefined ? {} : { mfaToken };
  const options = await ask(api.POST('/api/auth/passkeys/sign-in/options', { body: question }));
  const shown = await fromDevice(() => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }));
  const { id, response } = shown.toJSON();
  if (!('signature' in response)) throw noPasskey();
  const body = {
    credentialId: id,
    clientDataJSON: response.clientDataJSON,
    authenticatorData: response.authenticatorData,
    signature: response.signature,
    ...question,
  };
  return ask(api.POST('/api/auth/passkeys/sign-in/verify', { body, headers: BY_COOKIE }));
}

/** What the device answers; that its owner gave up, or that it has none, is said and is no defect. */
async function fromDevice(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await ask();
    if (credential instanceof PublicKeyCredential) return credential;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (error.name === 'InvalidStateError') throw declined('This device has a passkey of your account already.');
    if (error.name === 'SecurityError') throw declined('Passkeys do not work at this address of the shop.');
  }
  throw noPasskey();
}

const declined = (words: string): ShopFailure => new ShopFailure({ kind: 'declined', words });
const noPasskey = (): ShopFailure => declined('No passkey was chosen. Try again, or go on without one.');
