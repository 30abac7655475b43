import { Injectable } from '@nestjs/common';
import { withoutInvisible } from '#libs/contracts/spellings';
import type { Transaction } from '#libs/persistence/transaction';
import { FactorSecrets } from './factor-secrets.ts';
import { OneTimeCodeRepository, type TriedCode } from './one-time-code.repository.ts';
import { boundTo } from './one-time-code.ts';

/** Judges a code that came by SMS. */
@Injectable()
export class OtpProof {
  constructor(
    private readonly codes: OneTimeCodeRepository,
    private readonly secrets: FactorSecrets,
  ) {}

  /** Counts a try, or uses the code up. Undefined when there is nothing left to try. */
  tryCode(
    transaction: Transaction,
    { requestId, phone, code }: { requestId: string; phone: string; code: string },
  ): Promise<TriedCode | undefined> {
    const hashes = this.secrets.hashesOf(boundTo(requestId, phone), withoutInvisible(code));
    return this.codes.tryCode(transaction, requestId, phone, hashes);
  }
}
