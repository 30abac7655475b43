import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { FactorCode, VerifyFactor } from '#libs/contracts/auth/factors';
import type { TotpEnrolment } from '#libs/contracts/auth/views';
import { type Call, userOf } from '#libs/contracts/call';
import { refuse } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { AccountRepository, type UserRow } from './account.repository.ts';
import { AuditRepository } from './audit.repository.ts';
import { FactorRepository } from './factor.repository.ts';
import { Journal } from './journal.ts';
import { RateWindows } from './rate-windows.ts';
import { SecondFactor } from './second-factor.ts';
import { SessionOpener } from './session-opener.ts';
import { StaffFactor } from './staff-factor.ts';
import type { Issued } from './token-issuer.ts';
import { base32, otpauthUrl } from './totp.ts';

/** The second factor by an authenticator app. */
@Injectable()
export class TotpHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly audits: AuditRepository,
    private readonly factors: FactorRepository,
    private readonly factor: SecondFactor,
    private readonly opener: SessionOpener,
    private readonly windows: RateWindows,
    private readonly staff: StaffFactor,
    private readonly journal: Journal,
  ) {}

  /** Nothing changes for the user before the first code is shown. */
  async enrolTotp(_input: object, call: Call): Promise<TotpEnrolment> {
    const { userId } = userOf(call);
    return this.database.transaction(async (transaction) => {
      const user = await this.held(transaction, userId);
      const begun = await this.factor.begin(transaction, userId);
      if (begun === undefined) throw authApi.refuse('auth.totp_active', 'An authenticator is in use; disable it first');
      const { secret, recoveryCodes } = begun;
      return { secret: base32(secret), otpauthUrl: otpauthUrl(secret, user.email ?? user.phone ?? user.name), recoveryCodes };
    });
  }

  async activateTotp({ code }: FactorCode, call: Call): Promise<void> {
    await this.judge(call, 'totp_activated', async (transaction, userId) => {
      if (await this.factors.isActive(transaction, userId)) throw authApi.refuse('auth.totp_active', 'An authenticator is in use already');
      if (!(await this.factor.takes(transaction, userId, code))) return false;
      await this.staff.admitFactor(transaction, userId, userOf(call).sessionId);
      await this.factors.activate(transaction, userId);
      return true;
    });
  }

  async disableTotp({ code }: FactorCode, call: Call): Promise<void> {
    await this.judge(call, 'totp_disabled', async (transaction, userId) => {
      const user = await this.held(transaction, userId);
      if (this.staff.isBound(user)) throw authApi.refuse('auth.factor_required', 'Staff must have a second factor');
      if ((await this.factor.takesAny(transaction, userId, code)) === undefined) return false;
      await this.factors.remove(transaction, userId);
      return true;
    });
  }

  async verifyTotp({ mfaToken, code }: VerifyFactor, call: Call): Promise<Issued> {
    await this.opener.ready();
    const issued = await this.database.transaction(async (transaction) => {
      const challenge = await this.factors.tryChallenge(transaction, mfaToken);
      if (challenge === undefined) return undefined;
      const user = await this.accounts.holdAlone(transaction, challenge.user_id);
      if (user === undefined || user.disabled) return undefined;
      await this.windows.admit([triesOf(user.id)]);
      const by = await this.factor.takesAny(transaction, user.id, code);
      if (by === undefined) return undefined;
      await this.factors.endChallenge(transaction, mfaToken);
      return this.opener.openStrong(transaction, user, `${challenge.first_proof}+${by}`, call);
    });
    if (issued === undefined) {
      this.journal.signInFailed('wrong_code');
      throw badCode();
    }
    await this.windows.giveBack([triesOf(issued.user.id).key]);
    return issued;
  }

  /** Commits also when the code is wrong; tries are counted, for a stolen session could guess. */
  private async judge(call: Call, action: string, work: (transaction: Transaction, userId: string) => Promise<boolean>): Promise<void> {
    const { userId } = userOf(call);
    await this.windows.admit([triesOf(userId)]);
    const isDone = await this.database.transaction(async (transaction) => {
      await this.held(transaction, userId);
      if (!(await work(transaction, userId))) return false;
      await this.audits.note(transaction, action, {
        userId,
        actorId: userId,
        ...(call.client === undefined ? {} : { ip: call.client.ip }),
      });
      return true;
    });
    if (!isDone) throw badCode();
    await this.windows.giveBack([triesOf(userId).key]);
  }

  private async held(transaction: Transaction, userId: string): Promise<UserRow> {
    const user = await this.accounts.holdAlone(transaction, userId);
    if (user === undefined) throw refuse('unauthenticated');
    return user;
  }
}

/** Wrong ones; who knows the password could ask for one challenge after the other. */
const triesOf = (userId: string) => ({ key: `totp:${userId}`, limit: 20, seconds: 900 });

const badCode = (): Error => authApi.refuse('auth.bad_code', 'The code is wrong or no longer good');
