import { Injectable } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import type { ByUser } from '#libs/contracts/page';
import type { CheckReferralCode, NoteVisit } from '#libs/contracts/referral/api';
import type { ReferralCode, ReferralCodeVerdict } from '#libs/contracts/referral/views';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectSettings } from '#libs/runtime/core.module';
import { publicUrl, type Settings } from '#libs/runtime/settings';
import { MemberRepository } from './member.repository.ts';
import { People } from './people.ts';
import { type ReferralEnv, referralEnv } from './referral.env.ts';
import { codeOf, firstNameOf } from './referral.ts';
import { VisitRepository } from './visit.repository.ts';

/** Codes: the own one, and what others see of it. */
@Injectable()
export class CodeHandlers {
  private readonly link: string;

  constructor(
    private readonly members: MemberRepository,
    private readonly visits: VisitRepository,
    private readonly people: People,
    @InjectEnvironment(referralEnv) private readonly env: ReferralEnv,
    @InjectSettings() settings: Settings,
  ) {
    this.link = env.REFERRAL_URL ?? `${publicUrl(settings)}/demo?ref={code}`;
  }

  async generate({ userId }: ByUser): Promise<ReferralCode> {
    const code = await this.members.codeOf(userId);
    if (code === undefined) throw refuse('unauthenticated');
    return { code, url: this.link.replaceAll('{code}', code) };
  }

  /** One answer for a code that nobody has and for one whose owner may not invite. */
  async validate({ code }: CheckReferralCode): Promise<ReferralCodeVerdict> {
    const referrerId = await this.members.referrerOf(codeOf(code));
    const people = referrerId === undefined ? undefined : await this.people.among([referrerId]);
    const referrer = people?.get(referrerId ?? '');
    if (referrerId === undefined || (people !== undefined && (referrer === undefined || referrer.disabled))) return { valid: false };
    return {
      valid: true,
      ...(referrer === undefined ? {} : { referrerName: firstNameOf(referrer.name) }),
      welcome: { kind: 'fixed', value: this.env.REFERRAL_WELCOME },
    };
  }

  visit({ code, visitorId }: NoteVisit): Promise<void> {
    return this.visits.note(codeOf(code), visitorId);
  }
}
