import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Call } from '#libs/contracts/call';
import { Database } from '#libs/persistence/database';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { AccountRepository } from './account.repository.ts';
import { type AuthEnv, authEnv } from './auth.env.ts';
import { FactorSecrets } from './factor-secrets.ts';
import { Journal } from './journal.ts';
import { type CodePurpose, OneTimeCodeRepository } from './one-time-code.repository.ts';
import { boundTo, CODE_SECONDS, newCode, pauseAfter, RECYCLED_AFTER_DAYS, sentWindows, unusedWindows, waitFor } from './one-time-code.ts';
import { OutgoingMessages } from './outgoing-messages.ts';
import { RateWindows, tooMany } from './rate-windows.ts';

/** Sends codes by SMS, as many as the limits and the day's budget let through: each costs money, and scripts exist that make shops send them. */
@Injectable()
export class CodeSender {
  constructor(
    private readonly database: Database,
    private readonly codes: OneTimeCodeRepository,
    private readonly accounts: AccountRepository,
    private readonly windows: RateWindows,
    private readonly secrets: FactorSecrets,
    private readonly messages: OutgoingMessages,
    private readonly journal: Journal,
    @InjectEnvironment(authEnv) private readonly env: AuthEnv,
  ) {}

  /** Throws `rate_limited`. Whether somebody has this number makes no difference. */
  async send(
    phone: string,
    purpose: CodePurpose,
    userId: string | undefined,
    call: Call,
  ): Promise<{ requestId: string; expiresIn: number; resendAfter: number }> {
    const client = { ip: call.client?.ip ?? '', device: call.client?.device };
    const [unused, sent] = [unusedWindows(phone, client), sentWindows(phone, client)];
    await this.windows.admit([...unused, ...sent]);
    try {
      return await this.sendAdmitted({ phone, purpose, userId, counted: unused.map(({ key }) => key) });
    } catch (error) {
      // Nothing left, so nothing counts: else who asks too soon uses up what others at this address need.
      await this.windows.giveBack([...unused, ...sent].map(({ key }) => key));
      throw error;
    }
  }

  private sendAdmitted({
    phone,
    purpose,
    userId,
    counted,
  }: {
    phone: string;
    purpose: CodePurpose;
    userId: string | undefined;
    counted: readonly string[];
  }): Promise<{ requestId: string; expiresIn: number; resendAfter: number }> {
    const [requestId, code] = [uuidv7(), newCode()];
    const scale = this.env.RATE_LIMIT_SCALE;
    return this.database.transaction(async (transaction) => {
      const unused = await this.codes.unusedOf(transaction, phone);
      const wait = waitFor(unused, scale);
      if (wait > 0) throw tooMany(Math.ceil(wait));
      await this.codes.replace(transaction, {
        ...{ id: requestId, phone, purpose, userId, seconds: CODE_SECONDS },
        codeHash: this.secrets.hashOf(boundTo(requestId, phone), code),
        counted,
      });
      // A number that lay idle may be somebody else's by now.
      const reader = userId ?? (await this.accounts.idByPhone(transaction, phone, RECYCLED_AFTER_DAYS));
      this.messages.due(transaction, {
        ...{ template: 'otp', to: phone, secret: code, goodForSeconds: CODE_SECONDS },
        ...(reader === undefined ? {} : { userId: reader }),
      });
      // Last, for everybody who sends a code waits for this row.
      if (!(await this.codes.spend(transaction, this.env.OTP_SMS_PAISE, this.env.OTP_DAILY_BUDGET * 100))) {
        this.journal.smsBudgetSpent();
        throw tooMany(secondsToMidnightInIndia(Date.now()));
      }
      return { requestId, expiresIn: CODE_SECONDS, resendAfter: Math.ceil(pauseAfter(unused.length + 1) / scale) };
    });
  }
}

const INDIA_AHEAD_MS = 19_800_000;
const DAY_MS = 86_400_000;

export const secondsToMidnightInIndia = (now: number): number => Math.ceil((DAY_MS - ((now + INDIA_AHEAD_MS) % DAY_MS)) / 1_000);
