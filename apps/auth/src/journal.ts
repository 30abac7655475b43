import { Injectable } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger } from '#libs/runtime/core.module';
import { refreshes, registrations, type SignInFailure, signIns } from './auth.metrics.ts';

/** What happened to accounts and sessions: a log line and a count each, for the people who run the shop. Ids and reasons, no personal data. */
@Injectable()
export class Journal {
  constructor(@InjectLogger() private readonly logger: Logger) {}

  registered(userId: string, sessionId: string): void {
    registrations.inc();
    this.logger.info({ userId, sessionId }, 'auth.registered');
  }

  signedIn(userId: string, sessionId: string): void {
    signIns.inc({ outcome: 'ok' });
    this.logger.info({ userId, sessionId }, 'auth.signed_in');
  }

  /** `userId` where the account is known. */
  signInFailed(reason: SignInFailure, userId?: string): void {
    signIns.inc({ outcome: reason });
    this.logger.warn({ reason, userId }, 'auth.sign_in_failed');
  }

  refreshed(): void {
    refreshes.inc({ outcome: 'ok' });
  }

  refreshRefused(): void {
    refreshes.inc({ outcome: 'refused' });
  }

  /** An old refresh token came again; its session has ended. */
  refreshReplayed(userId: string, sessionId: string): void {
    refreshes.inc({ outcome: 'replayed' });
    this.logger.warn({ userId, sessionId }, 'auth.refresh_replayed');
  }

  sessionEnded(userId: string, sessionId: string, reason: string): void {
    this.logger.info({ userId, sessionId, reason }, 'auth.session_ended');
  }

  accountEdited(userId: string, actorId: string, change: { roles?: readonly string[]; disabled?: boolean }): void {
    this.logger.info({ userId, actorId, ...change }, 'auth.account_edited');
  }

  passwordChanged(userId: string, reason: 'changed' | 'reset'): void {
    this.logger.info({ userId, reason }, 'auth.password_changed');
  }

  erased(userId: string, erasureId: string): void {
    this.logger.info({ userId, erasureId }, 'auth.account_erased');
  }

  /** Every service has done its part. */
  erasureCompleted(erasureId: string, seconds: number): void {
    this.logger.info({ erasureId, seconds }, 'auth.erasure_completed');
  }

  /** No code leaves by SMS until midnight in India. */
  smsBudgetSpent(): void {
    this.logger.error({}, 'auth.sms_budget_spent');
  }

  emailConfirmed(userId: string): void {
    this.logger.info({ userId }, 'auth.email_confirmed');
  }
}
