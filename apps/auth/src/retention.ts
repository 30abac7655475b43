import { Injectable } from '@nestjs/common';
import { Rounds } from '#libs/runtime/rounds';
import { AuditRepository } from './audit.repository.ts';
import { DeviceRepository } from './device.repository.ts';
import { EmailTokenRepository } from './email-token.repository.ts';
import { ErasureRepository } from './erasure.repository.ts';
import { ExportRepository } from './export.repository.ts';
import { FactorRepository } from './factor.repository.ts';
import { OneTimeCodeRepository } from './one-time-code.repository.ts';
import { PasskeyRepository } from './passkey.repository.ts';
import { ResetRequestRepository } from './reset-request.repository.ts';
import { SessionRepository } from './session.repository.ts';
import { SigningKeyRepository } from './signing-key.repository.ts';

const EVERY_MS = 10 * 60_000;

/** Forgets what nothing can depend on any more; the README names each table's time. */
@Injectable()
export class Retention {
  constructor(
    private readonly audits: AuditRepository,
    private readonly sessions: SessionRepository,
    private readonly emailTokens: EmailTokenRepository,
    private readonly keys: SigningKeyRepository,
    private readonly codes: OneTimeCodeRepository,
    private readonly devices: DeviceRepository,
    private readonly factors: FactorRepository,
    private readonly erasures: ErasureRepository,
    private readonly exports: ExportRepository,
    private readonly passkeys: PasskeyRepository,
    private readonly resets: ResetRequestRepository,
    rounds: Rounds,
  ) {
    rounds.every('auth.retention', EVERY_MS, () => this.sweep());
  }

  async sweep(): Promise<void> {
    await this.sessions.forgetPastRevocations();
    await this.sessions.forgetOldSessions();
    await this.emailTokens.forgetPast();
    await this.audits.forgetOld();
    await this.keys.forgetOld();
    await this.codes.forgetPast();
    await this.devices.forgetOld();
    await this.factors.forgetPast();
    await this.erasures.forgetOld();
    await this.exports.forgetPast();
    await this.passkeys.forgetPast();
    await this.resets.forgetOld();
  }
}
