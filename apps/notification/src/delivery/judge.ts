import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { Contact } from '#libs/contracts/auth/messages';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { causeOf } from '../causes.ts';
import { DeviceRepository } from '../reach/device.repository.ts';
import { PreferenceRepository } from '../reach/preference.repository.ts';
import { DEFAULTS, isOn, type Preferences, quietMinutes } from '../reach/preferences.ts';
import { normalised, SuppressionRepository } from '../reach/suppression.repository.ts';
import { Composer } from './composer.ts';
import type { Recorded } from './outgoing.repository.ts';
import type { Message, Outgoing, SkipReason } from './outgoing.ts';
import { Relevance } from './relevance.ts';

export interface Judged {
  readonly leaving: readonly Message[];
  /** What does not leave now, or not at all. */
  readonly others: readonly Recorded[];
  /** Messages of which a service has yet to say whether they still hold. */
  readonly unjudged: readonly string[];
}

/** What is known of the reader at this moment. */
interface Reader {
  readonly contact: Contact | undefined;
  readonly preferences: Preferences;
  readonly tokens: readonly string[];
}

/** Where a message goes, why it does not, or in how many minutes to ask again. */
type Verdict = { readonly to: readonly string[] } | { readonly skip: SkipReason } | { readonly waitMinutes: number };

const NOBODY: Reader = { contact: undefined, preferences: DEFAULTS, tokens: [] };
/** The law's, whatever a reader prefers. */
const SMS_PROMOTIONS_QUIET = { from: '21:00', to: '10:00' };

/** Decides at the moment a message leaves whether it does, where to and in which words. */
@Injectable()
export class Judge {
  constructor(
    @InjectPeer(authApi) private readonly auth: Peer<typeof authApi>,
    private readonly preferences: PreferenceRepository,
    private readonly devices: DeviceRepository,
    private readonly suppressions: SuppressionRepository,
    private readonly relevance: Relevance,
    private readonly composer: Composer,
  ) {}

  /** @throws unavailable while a service is away that is asked for all of them at once */
  async judge(outgoing: readonly Outgoing[]): Promise<Judged> {
    const readers = await this.readersOf(outgoing);
    const verdicts = outgoing.map((one) => ({ one, verdict: verdictOf(one, readers.get(one.user_id ?? '') ?? NOBODY) }));
    const [{ holding, stale, unanswered }, silenced] = await Promise.all([
      this.relevance.of(verdicts.filter(({ verdict }) => 'to' in verdict).map(({ one }) => one)),
      this.silencedOf(verdicts),
    ]);
    const leaving: Message[] = [];
    const others: Recorded[] = [];
    const unjudged: string[] = [];
    for (const { one, verdict } of verdicts) {
      if ('waitMinutes' in verdict) others.push({ ...decided(one), state: 'waiting', again: verdict.waitMinutes * 60 });
      else if ('skip' in verdict) others.push({ ...decided(one), state: 'skipped', reason: verdict.skip });
      else if (stale.has(one.id)) others.push({ ...decided(one), state: 'skipped', reason: 'stale' });
      else if (unanswered.has(one.id)) unjudged.push(one.id);
      else if (silenced.has(one.id)) others.push({ ...decided(one), state: 'skipped', reason: 'suppressed' });
      else {
        const { preferences, contact } = readers.get(one.user_id ?? '') ?? NOBODY;
        const composed = this.composer.compose(
          { ...(holding.get(one.id) ?? one), judgedCount: one.count },
          verdict.to,
          preferences.locale,
          nameFor(one, contact),
        );
        if ('code' in composed)
          others.push({ ...decided(one), state: 'failed', attempt: { provider: 'none', outcome: 'failed', code: composed.code } });
        else leaving.push(composed);
      }
    }
    return { leaving, others, unjudged };
  }

  private async readersOf(outgoing: readonly Outgoing[]): Promise<ReadonlyMap<string, Reader>> {
    const userIds = [...new Set(outgoing.flatMap(({ user_id }) => user_id ?? []))];
    if (userIds.length === 0) return new Map();
    const pushed = new Set(outgoing.flatMap(({ channel, user_id }) => (channel === 'push' && user_id !== null ? [user_id] : [])));
    const [contacts, preferences, devices] = await Promise.all([
      this.auth.contacts({ userIds }),
      this.preferences.of(userIds),
      pushed.size > 0 ? this.devices.of([...pushed]) : [],
    ]);
    const contactOf = new Map(contacts.items.map((contact) => [contact.userId, contact]));
    const tokensOf = Map.groupBy(devices, ({ user_id }) => user_id);
    return new Map(
      userIds.map((userId) => [
        userId,
        {
          contact: contactOf.get(userId),
          preferences: preferences.get(userId) ?? DEFAULTS,
          tokens: (tokensOf.get(userId) ?? []).map(({ token }) => token),
        },
      ]),
    );
  }

  /** A bounced address gets no mail at all; who complained gets those about the account and orders. */
  private async silencedOf(verdicts: readonly { one: Outgoing; verdict: Verdict }[]): Promise<ReadonlySet<string>> {
    const mails = verdicts.flatMap(({ one, verdict }) =>
      one.channel === 'email' && 'to' in verdict ? [{ one, to: verdict.to[0] ?? '' }] : [],
    );
    if (mails.length === 0) return new Set();
    const reasons = await this.suppressions.of(
      'email',
      mails.map(({ to }) => to),
    );
    const isSilenced = ({ one, to }: { one: Outgoing; to: string }): boolean =>
      (reasons.get(normalised(to)) ?? []).some(
        (reason) => reason === 'bounce' || (one.category !== 'account' && one.category !== 'orders'),
      );
    return new Set(mails.filter(isSilenced).map(({ one }) => one.id));
  }
}

const decided = ({ id, count, updated_at }: Outgoing): Pick<Recorded, 'id' | 'judgedCount' | 'judgedAt'> => ({
  ...{ id, judgedCount: count, judgedAt: updated_at },
});

/** Undefined for a mail to an address that nobody has proved: who gave it may be a stranger to its owner, and the name their message. */
const nameFor = ({ channel }: Outgoing, contact: Contact | undefined): string | undefined =>
  channel === 'email' && contact?.emailVerified !== true ? undefined : contact?.name;

function verdictOf(one: Outgoing, { contact, preferences, tokens }: Reader): Verdict {
  const { user_id, channel, category, address, template, expires_at } = one;
  if (expires_at !== null && expires_at.getTime() <= Date.now()) return { skip: 'expired' };
  const isAlways = template !== null && causeOf(template).always === true;
  if (user_id !== null && (contact === undefined || contact.disabled)) return { skip: 'unknown_user' };
  if (!isAlways && !isOn(preferences, category, channel)) return { skip: 'preference' };
  const waitMinutes = isAlways || channel === 'in_app' ? 0 : minutesToWait(one, preferences);
  if (waitMinutes > 0) return { waitMinutes };
  if (address !== null) return { to: [address] };
  const isPromotion = category === 'promotions';
  switch (channel) {
    case 'in_app':
      return user_id === null ? { skip: 'unknown_user' } : { to: [user_id] };
    case 'email':
      if (!contact?.email) return { skip: 'no_address' };
      return isPromotion && !contact.emailVerified ? { skip: 'unverified' } : { to: [contact.email] };
    case 'sms':
      if (!contact?.phone) return { skip: 'no_address' };
      return isPromotion && !contact.phoneVerified ? { skip: 'unverified' } : { to: [contact.phone] };
    case 'push':
      return tokens.length === 0 ? { skip: 'no_device' } : { to: tokens };
  }
}

function minutesToWait({ category, channel }: Outgoing, { quietHours, timeZone }: Preferences): number {
  if (category !== 'wishlist' && category !== 'promotions') return 0;
  const now = new Date();
  const own = quietMinutes(quietHours, timeZone, now);
  if (channel !== 'sms' || category !== 'promotions') return own;
  return Math.max(own, quietMinutes(SMS_PROMOTIONS_QUIET, DEFAULTS.timeZone, now));
}
