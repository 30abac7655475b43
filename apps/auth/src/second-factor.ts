import { Injectable } from '@nestjs/common';
import { withoutInvisible } from '#libs/contracts/spellings';
import { BusClient } from '#libs/messaging/bus-client';
import type { Transaction } from '#libs/persistence/transaction';
import { FactorRepository } from './factor.repository.ts';
import { FactorSecrets } from './factor-secrets.ts';
import { newRecoveryCode, newSecret, RECOVERY_CODES, recoveryCodeOf, stepOf } from './totp.ts';

const RECOVERY = 'recovery code';

/** Judges the codes of a user's authenticator, and their recovery codes. */
@Injectable()
export class SecondFactor {
  constructor(
    private readonly factors: FactorRepository,
    private readonly secrets: FactorSecrets,
    private readonly bus: BusClient,
  ) {}

  /** Undefined when an authenticator is in use already. */
  async begin(transaction: Transaction, userId: string): Promise<{ secret: Buffer; recoveryCodes: string[] } | undefined> {
    const secret = newSecret();
    const recoveryCodes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    const hashes = recoveryCodes.map((code) => this.secrets.hashOf(`${RECOVERY} ${userId}`, recoveryCodeOf(code)));
    return (await this.factors.enrol(transaction, userId, this.secrets.seal(secret), hashes)) ? { secret, recoveryCodes } : undefined;
  }

  /** Whether this is a fresh code of the user's authenticator; it is used up by that. `transaction` holds the user. */
  async takes(transaction: Transaction, userId: string, code: string): Promise<boolean> {
    const authenticator = await this.factors.of(transaction, userId);
    if (authenticator === undefined) return false;
    const step = stepOf(this.secrets.open(authenticator.sealed_secret), withoutInvisible(code), this.bus.clock.now());
    return step !== undefined && (await this.factors.useStep(transaction, userId, step));
  }

  /**
   * The same, or one of the user's recovery codes; of an authenticator in use alone. Any session of the user can begin to enrol one, and whoever
   * did would have its codes.
   */
  async takesAny(transaction: Transaction, userId: string, code: string): Promise<'totp' | 'recovery' | undefined> {
    if (!(await this.factors.isActive(transaction, userId))) return undefined;
    if (await this.takes(transaction, userId, code)) return 'totp';
    const hashes = this.secrets.hashesOf(`${RECOVERY} ${userId}`, recoveryCodeOf(code));
    return (await this.factors.useRecoveryCode(transaction, userId, hashes)) ? 'recovery' : undefined;
  }
}
