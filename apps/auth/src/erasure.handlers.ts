import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { EraseMe } from '#libs/contracts/auth/account';
import { authApi } from '#libs/contracts/auth/api';
import type { Erasure } from '#libs/contracts/auth/views';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid, refuse } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { AccountRepository, type UserRow } from './account.repository.ts';
import { AccountEraser } from './account-eraser.ts';
import { OtpProof } from './otp-proof.ts';
import { Passwords } from './passwords.ts';
import { RateWindows } from './rate-windows.ts';

/** The end of an account, at its owner's wish (DPDP Act, section 12). */
@Injectable()
export class ErasureHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly passwords: Passwords,
    private readonly codes: OtpProof,
    private readonly eraser: AccountEraser,
    private readonly windows: RateWindows,
  ) {}

  async eraseMe({ password, requestId, code }: EraseMe, call: Call): Promise<Erasure> {
    const { userId } = userOf(call);
    const byCode = requestId !== undefined && code !== undefined;
    if ((password === undefined) !== byCode || (password !== undefined && (requestId ?? code) !== undefined))
      throw invalid([{ path: '', message: 'give the password, or requestId and code' }]);
    const tries = { key: `erase:${userId}`, limit: 10, seconds: 3_600 };
    await this.windows.admit([tries]);
    const user = await this.accounts.byId(userId);
    if (user === undefined) throw refuse('unauthenticated');
    if (password !== undefined && !(await this.passwords.matches(user.password_hash, password)))
      throw authApi.refuse('auth.bad_credentials', 'The password is wrong');
    const id = uuidv7();
    const isErased = await this.database.transaction(async (transaction) => {
      const held = await this.eraser.hold(transaction, userId);
      if (held === undefined) throw refuse('unauthenticated');
      if (held.password_hash !== user.password_hash) throw authApi.refuse('auth.bad_credentials', 'The password is wrong');
      // A wrong try is committed, so it counts.
      if (password === undefined && !(await this.isProved(transaction, held, requestId, code))) return false;
      await this.eraser.erase(transaction, held, id, call);
      return true;
    });
    if (!isErased) throw authApi.refuse('auth.bad_code', 'The code is wrong or no longer good');
    return { id };
  }

  /** By a code that went to the account's own number. */
  private async isProved(
    transaction: Transaction,
    { phone, phone_verified }: UserRow,
    requestId?: string,
    code?: string,
  ): Promise<boolean> {
    if (phone === null || !phone_verified || requestId === undefined || code === undefined) return false;
    return (await this.codes.tryCode(transaction, { requestId, phone, code }))?.is_right === true;
  }
}
