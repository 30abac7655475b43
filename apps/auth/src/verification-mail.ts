import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { Logger } from '#libs/observability/logger';
import type { Transaction } from '#libs/persistence/database';
import { InjectLogger, InjectSettings } from '#libs/runtime/core.module';
import { keepInDevInbox } from '#libs/runtime/dev-inbox';
import { publicUrl, type Settings } from '#libs/runtime/settings';
import { EmailTokenRepository } from './email-token.repository.ts';
import { LIMITS_REDIS } from './sign-in-limits.ts';

const GOOD_FOR_HOURS = 48;

/** The mail with the link that proves an address. It must neither fail nor delay the registration. */
@Injectable()
export class VerificationMail {
  constructor(
    @Inject(LIMITS_REDIS) private readonly redis: Redis,
    private readonly tokens: EmailTokenRepository,
    @InjectSettings() private readonly settings: Settings,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  /** A token for the link; only its hash is stored. */
  async prepare(transaction: Transaction, userId: string): Promise<string> {
    const token = randomBytes(24).toString('base64url');
    await this.tokens.keep(transaction, token, userId, GOOD_FOR_HOURS);
    return token;
  }

  send(email: string, name: string, token: string): void {
    const text = `Hello ${name},\n\nconfirm your e-mail address for Only2U:\n${publicUrl(this.settings)}/verify-email?token=${token}\n\nThe link is good for ${GOOD_FOR_HOURS} hours.`;
    keepInDevInbox(this.redis, { channel: 'mail', to: email, subject: 'Confirm your e-mail address', text }).catch((error: unknown) =>
      this.logger.warn({ err: error }, 'mail.not_kept'),
    );
  }
}
