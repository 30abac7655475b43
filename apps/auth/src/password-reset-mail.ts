import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { AccountRepository } from './account.repository.ts';
import { type AuthEnv, authEnv } from './auth.env.ts';
import { EmailTokenRepository } from './email-token.repository.ts';
import { OutgoingMessages } from './outgoing-messages.ts';
import { type ResetRequest, ResetRequestRepository } from './reset-request.repository.ts';

const GOOD_FOR_HOURS = 1;
const EVERY_MS = 5_000;
/** To one account, whoever asks; more are dropped in silence, so that nobody's mailbox is flooded. */
const AN_HOUR = 5;

/**
 * The mail with the link for a new password. Asking for it only writes a row, the same for everybody: whether there is such an account is
 * looked up afterwards, so neither the answer nor its time tells.
 */
@Injectable()
export class PasswordResetMail {
  private readonly round: Round;

  constructor(
    private readonly database: Database,
    private readonly requests: ResetRequestRepository,
    private readonly accounts: AccountRepository,
    private readonly tokens: EmailTokenRepository,
    private readonly messages: OutgoingMessages,
    @InjectEnvironment(authEnv) private readonly env: AuthEnv,
    rounds: Rounds,
  ) {
    this.round = rounds.every('auth.reset_mails', { everyMs: EVERY_MS, atOnce: true }, () => this.sendDue());
  }

  async askFor(email: string): Promise<void> {
    await this.requests.add(email);
    this.round.wake();
  }

  private async sendDue(): Promise<void> {
    const due = await this.requests.claimDue();
    for (const request of due) await this.send(request);
    if (due.length > 0) this.round.wake();
  }

  private async send({ id, email }: ResetRequest): Promise<void> {
    const user = await this.accounts.byEmail(email);
    await this.database.transaction(async (transaction) => {
      if (!(await this.requests.take(transaction, id)) || user === undefined || user.email === null || user.disabled) return;
      await this.accounts.holdAlone(transaction, user.id);
      const most = Math.max(1, Math.floor(AN_HOUR * this.env.RATE_LIMIT_SCALE));
      if ((await this.tokens.sentWithinHour(transaction, user.id, 'reset')) >= most) return;
      const secret = randomBytes(24).toString('base64url');
      await this.tokens.keep(transaction, secret, user.id, 'reset', GOOD_FOR_HOURS);
      this.messages.due(transaction, {
        template: 'password_reset',
        to: user.email,
        userId: user.id,
        secret,
        goodForSeconds: GOOD_FOR_HOURS * 3_600,
      });
    });
  }
}
