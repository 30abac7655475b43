import { Injectable } from '@nestjs/common';
import type { AskPasskey, SignInByPasskey } from '#libs/contracts/auth/factors';
import type { PasskeyRequest } from '#libs/contracts/auth/views';
import type { Call } from '#libs/contracts/call';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { AccountRepository } from './account.repository.ts';
import { FactorRepository } from './factor.repository.ts';
import { Journal } from './journal.ts';
import { badPasskey, descriptorOf } from './passkey.handlers.ts';
import { PasskeyRepository, type PasskeyRow } from './passkey.repository.ts';
import { SessionOpener } from './session-opener.ts';
import type { Issued } from './token-issuer.ts';
import { clientDataOf, WebAuthn } from './webauthn.ts';

/** Signing in with a passkey: alone, or as the second factor. Either way its owner was verified by the device. */
@Injectable()
export class PasskeySignInHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly keys: PasskeyRepository,
    private readonly factors: FactorRepository,
    private readonly webauthn: WebAuthn,
    private readonly opener: SessionOpener,
    private readonly journal: Journal,
  ) {}

  async passkeyRequest({ mfaToken }: AskPasskey): Promise<PasskeyRequest> {
    const userId = mfaToken === undefined ? undefined : await this.factors.challenged(mfaToken);
    if (mfaToken !== undefined && userId === undefined) throw badPasskey();
    const known = userId === undefined ? [] : await this.keys.list(userId);
    const { challenge, timeout = 0 } = await this.webauthn.requestOptions(known);
    await this.keys.ask(challenge, 'sign_in', userId);
    return {
      ...{ challenge, timeout, rpId: this.webauthn.relyingParty.id, userVerification: 'required' },
      allowCredentials: known.map(descriptorOf),
    };
  }

  async signInByPasskey({ mfaToken, ...asserted }: SignInByPasskey, call: Call): Promise<Issued> {
    await this.opener.ready();
    const { challenge = '' } = clientDataOf(asserted.clientDataJSON);
    const asked = await this.keys.takeChallenge(challenge, 'sign_in');
    const key = asked === undefined ? undefined : await this.keys.byCredential(asserted.credentialId);
    const counter = key === undefined ? undefined : await this.webauthn.asserted(asserted, challenge, key);
    const issued =
      key === undefined || counter === undefined || (asked?.user_id != null && asked.user_id !== key.user_id)
        ? undefined
        : await this.database.transaction((transaction) => this.open(transaction, key, counter, mfaToken, call));
    if (issued !== undefined) return issued;
    this.journal.signInFailed('wrong_passkey', key?.user_id);
    throw badPasskey();
  }

  private async open(
    transaction: Transaction,
    key: PasskeyRow,
    counter: number,
    mfaToken: string | undefined,
    call: Call,
  ): Promise<Issued | undefined> {
    const user = await this.accounts.holdAlone(transaction, key.user_id);
    if (user === undefined || user.disabled || !(await this.keys.use(transaction, key.id, counter))) return undefined;
    if (mfaToken === undefined) return this.opener.openStrong(transaction, user, 'passkey', call);
    const first = await this.factors.tryChallenge(transaction, mfaToken);
    if (first === undefined || first.user_id !== user.id) return undefined;
    await this.factors.endChallenge(transaction, mfaToken);
    return this.opener.openStrong(transaction, user, `${first.first_proof}+passkey`, call);
  }
}
