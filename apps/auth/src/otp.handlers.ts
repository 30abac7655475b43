import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { SendOtp, VerifyOtp } from '#libs/contracts/auth/sign-in';
import type { OtpSent } from '#libs/contracts/auth/views';
import { type Call, userOf } from '#libs/contracts/call';
import { refuse } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { CodeSender } from './code-sender.ts';
import { Journal } from './journal.ts';
import type { TriedCode } from './one-time-code.repository.ts';
import { OtpProof } from './otp-proof.ts';
import { PhoneAccounts } from './phone-accounts.ts';
import { RateWindows } from './rate-windows.ts';
import { SessionOpener } from './session-opener.ts';
import type { FactorAsked, Issued } from './token-issuer.ts';

/** Signing in, and proving a number, by a code that came by SMS. */
@Injectable()
export class OtpHandlers {
  constructor(
    private readonly database: Database,
    private readonly sender: CodeSender,
    private readonly codes: OtpProof,
    private readonly phones: PhoneAccounts,
    private readonly opener: SessionOpener,
    private readonly windows: RateWindows,
    private readonly journal: Journal,
  ) {}

  async sendOtp({ phone, purpose }: SendOtp, call: Call): Promise<OtpSent> {
    if (purpose !== 'verify') return this.sender.send(phone, 'login', undefined, call);
    if (call.actor.kind !== 'user') throw refuse('unauthenticated');
    return this.sender.send(phone, 'verify', userOf(call).userId, call);
  }

  async verifyOtp({ requestId, phone, code, name }: VerifyOtp, call: Call): Promise<Issued | FactorAsked> {
    await this.opener.ready();
    const { signedIn, counted } = await this.database.transaction(async (transaction) => {
      const tried = await this.codes.tryCode(transaction, { requestId, phone, code });
      // A wrong try is committed, so it counts.
      if (tried === undefined || !tried.is_right) return { signedIn: undefined, counted: [] };
      return { signedIn: await this.useCode(transaction, tried, { phone, name }, call), counted: tried.counted };
    });
    await this.windows.giveBack(counted);
    if (signedIn !== undefined) return signedIn;
    this.journal.signInFailed('wrong_code');
    throw authApi.refuse('auth.bad_code', 'The code is wrong or no longer good');
  }

  private async useCode(
    transaction: Transaction,
    { purpose, user_id }: TriedCode,
    { phone, name }: { phone: string; name: string | undefined },
    call: Call,
  ): Promise<Issued | FactorAsked | undefined> {
    if (purpose === 'verify') {
      if (call.actor.kind !== 'user' || call.actor.userId !== user_id) return undefined;
      const user = await this.phones.attach(transaction, phone, call);
      return user === undefined ? undefined : this.opener.goOn(transaction, user, call.actor.sessionId);
    }
    const entered = await this.phones.enter(transaction, phone, name, call);
    if (entered === undefined) return undefined;
    return entered.isNew
      ? this.opener.openFirst(transaction, entered.user, call)
      : this.opener.open(transaction, entered.user, 'otp', call);
  }
}
