import { Injectable } from '@nestjs/common';
import { Rounds } from '#libs/runtime/rounds';
import { AccountRepository } from './account.repository.ts';
import { EmailTokenRepository } from './email-token.repository.ts';
import { SessionRepository } from './session.repository.ts';
import { SigningKeyRepository } from './signing-key.repository.ts';

const EVERY_MS = 10 * 60_000;

/** Forgets what nothing can depend on any more; the README names each table's time. */
@Injectable()
export class Retention {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly sessions: SessionRepository,
    private readonly emailTokens: EmailTokenRepository,
    private readonly keys: SigningKeyRepository,
    rounds: Rounds,
  ) {
    rounds.every('auth.retention', EVERY_MS, () => this.sweep());
  }

  async sweep(): Promise<void> {
    await this.sessions.forgetPastRevocations();
    await this.sessions.forgetOldSessions();
    await this.emailTokens.forgetPast();
    await this.accounts.forgetOldAudit();
    await this.keys.forgetOld();
  }
}
