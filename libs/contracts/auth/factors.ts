import { operation } from '../contract.ts';
import { Means, Optional, Pattern, Text, TextList, Words } from '../fields.ts';
import { ById, Nothing } from '../page.ts';
import { Passkey, PasskeyCreation, PasskeyList, PasskeyRequest, SignedIn, TotpEnrolment } from './views.ts';

export class FactorCode {
  @Text(1, 40) code!: string;
}

export class VerifyFactor {
  @Text(1, 128) mfaToken!: string;
  @Means('Six digits of the app, or a recovery code.') @Text(1, 40) code!: string;
}

const base64url = (max: number): PropertyDecorator => Pattern(new RegExp(`^[\\w-]{1,${max}}$`), 'must be base64url without padding');

/** What `navigator.credentials.create` answers, as `toJSON()` shows it: the fields that count. */
export class EnrolPasskey {
  @Means('`id`.') @base64url(1_400) credentialId!: string;
  @Means('`response.clientDataJSON`.') @base64url(4_000) clientDataJSON!: string;
  @Means('`response.attestationObject`.') @base64url(20_000) attestationObject!: string;
  @Means('`response.transports`.') @Optional() @TextList(10, 1, 20) transports?: string[];
  @Means('What its owner calls it; else the device is named.') @Optional() @Words(1, 100) name?: string;
}

export class RenamePasskey extends ById {
  @Words(1, 100) name!: string;
}

export class AskPasskey {
  @Means('Of a sign-in that asks for a second factor.') @Optional() @Text(1, 128) mfaToken?: string;
}

/** What `navigator.credentials.get` answers, as `toJSON()` shows it: the fields that count. */
export class SignInByPasskey {
  @Means('`id`.') @base64url(1_400) credentialId!: string;
  @Means('`response.clientDataJSON`.') @base64url(4_000) clientDataJSON!: string;
  @Means('`response.authenticatorData`.') @base64url(4_000) authenticatorData!: string;
  @Means('`response.signature`.') @base64url(10_000) signature!: string;
  @Means('Where the passkey is the second factor.') @Optional() @Text(1, 128) mfaToken?: string;
}

export const factorOperations = {
  enrolTotp: operation({
    summary: 'Begin with an authenticator app as second factor',
    description: 'Nothing changes until the first code is shown to `totp/activate`. Each call begins anew.',
    access: 'user',
    http: 'POST /auth/totp/enrol',
    in: Nothing,
    out: TotpEnrolment,
    errors: { 'auth.totp_active': 'conflict' },
  }),
  activateTotp: operation({
    summary: 'Use the authenticator from now on, by its first code',
    access: 'user',
    http: 'POST /auth/totp/activate',
    in: FactorCode,
    errors: { 'auth.bad_code': 'unauthenticated', 'auth.totp_active': 'conflict', 'auth.factor_required': 'conflict' },
  }),
  disableTotp: operation({
    summary: 'Use the authenticator no more',
    access: 'user',
    http: 'POST /auth/totp/disable',
    in: FactorCode,
    errors: { 'auth.bad_code': 'unauthenticated', 'auth.factor_required': 'conflict' },
  }),
  verifyTotp: operation({
    summary: 'Sign in with the second factor',
    access: 'public',
    http: 'POST /auth/totp/verify',
    in: VerifyFactor,
    out: SignedIn,
    errors: { 'auth.bad_code': 'unauthenticated' },
    refreshToken: 'issues',
  }),
  passkeyRequest: operation({
    summary: 'Begin to sign in with a passkey, alone or as second factor',
    access: 'public',
    http: 'POST /auth/passkeys/sign-in/options',
    in: AskPasskey,
    out: PasskeyRequest,
    errors: { 'auth.bad_passkey': 'unauthenticated' },
  }),
  signInByPasskey: operation({
    summary: 'Sign in with a passkey',
    access: 'public',
    http: 'POST /auth/passkeys/sign-in/verify',
    in: SignInByPasskey,
    out: SignedIn,
    errors: { 'auth.bad_passkey': 'unauthenticated' },
    refreshToken: 'issues',
  }),
  passkeyCreation: operation({
    summary: 'Begin to enrol a passkey',
    access: 'user',
    http: 'POST /auth/passkeys/enrol/options',
    in: Nothing,
    out: PasskeyCreation,
    errors: { 'auth.too_many_passkeys': 'conflict' },
  }),
  enrolPasskey: operation({
    summary: 'Enrol a passkey',
    access: 'user',
    http: 'POST /auth/passkeys/enrol/verify',
    in: EnrolPasskey,
    out: Passkey,
    status: 201,
    errors: { 'auth.bad_passkey': 'unauthenticated', 'auth.factor_required': 'conflict', 'auth.too_many_passkeys': 'conflict' },
  }),
  passkeys: operation({ summary: 'Own passkeys', access: 'user', http: 'GET /auth/passkeys', in: Nothing, out: PasskeyList }),
  renamePasskey: operation({
    summary: 'Name a passkey',
    access: 'user',
    http: 'PATCH /auth/passkeys/:id',
    in: RenamePasskey,
    out: Passkey,
  }),
  removePasskey: operation({
    summary: 'Remove a passkey',
    access: 'user',
    http: 'DELETE /auth/passkeys/:id',
    in: ById,
    errors: { 'auth.factor_required': 'conflict' },
  }),
};
