import { Injectable } from '@nestjs/common';
import type { SetConsent } from '#libs/contracts/auth/account';
import { authApi } from '#libs/contracts/auth/api';
import type { Consent, ConsentList } from '#libs/contracts/auth/views';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import { ConsentRepository, type KeptConsent } from './consent.repository.ts';
import { CONSENT_PURPOSES, CONSENT_TEXTS, type ConsentPurpose, isConsentPurpose } from './consent-texts.ts';
import { clientOf } from './session.repository.ts';

/** What a user has agreed to, by purpose (DPDP Act, section 6). */
@Injectable()
export class ConsentHandlers {
  constructor(
    private readonly database: Database,
    private readonly kept: ConsentRepository,
  ) {}

  async consents(_input: object, call: Call): Promise<ConsentList> {
    const newest = await this.kept.newest(userOf(call).userId);
    return { items: CONSENT_PURPOSES.map((purpose) => consentOf(purpose, newest)) };
  }

  async setConsent({ purpose, granted, version }: SetConsent, call: Call): Promise<Consent> {
    if (!isConsentPurpose(purpose)) throw notFound();
    if (version !== CONSENT_TEXTS[purpose].version)
      throw authApi.refuse('auth.consent_text_changed', 'The text has changed; read it again', { version: CONSENT_TEXTS[purpose].version });
    if (purpose === 'account' && !granted)
      throw authApi.refuse('auth.consent_needed', 'An account needs it; erase the account to withdraw it');
    const { userId } = userOf(call);
    await this.kept.note(this.database, { userId, purpose, granted, ip: clientOf(call).ip });
    return consentOf(purpose, await this.kept.newest(userId));
  }
}

function consentOf(purpose: ConsentPurpose, newest: readonly KeptConsent[]): Consent {
  const { version, text } = CONSENT_TEXTS[purpose];
  const found = newest.find((one) => one.purpose === purpose);
  return {
    ...{ purpose, version, text, granted: found?.granted ?? false },
    ...(found === undefined ? {} : { agreedVersion: found.version, at: found.at.toISOString() }),
  };
}
