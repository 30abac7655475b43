import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { Contact } from '#libs/contracts/auth/messages';
import type { Locale } from '#libs/contracts/notification/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { causeOf } from '../causes.ts';
import { Composer } from './composer.ts';
import type { Recorded } from './outgoing.repository.ts';
import { type Message, masked, type Outgoing, type SkipReason } from './outgoing.ts';

export interface Judged {
  readonly leaving: readonly Message[];
  /** What does not leave now, or not at all. */
  readonly others: readonly Recorded[];
}

/** Decides at the moment a message leaves whether it does, where to and in which words. */
@Injectable()
export class Judge {
  constructor(
    @InjectPeer(authApi) private readonly auth: Peer<typeof authApi>,
    private readonly composer: Composer,
  ) {}

  /** Messages of one channel. @throws unavailable while auth is away */
  async judge(outgoing: readonly Outgoing[]): Promise<Judged> {
    const contacts = await this.contactsOf(outgoing);
    const leaving: Message[] = [];
    const others: Recorded[] = [];
    for (const one of outgoing) {
      const contact = one.user_id === null ? undefined : contacts.get(one.user_id);
      const to = addressesOf(one, contact);
      if (typeof to === 'string') others.push({ id: one.id, state: 'skipped', reason: to });
      else {
        const message = this.composer.compose(one, to, localeOf(one), contact?.name ?? '');
        if ('code' in message)
          others.push({ id: one.id, state: 'failed', attempt: { provider: 'none', outcome: 'failed', code: message.code } });
        else leaving.push(message);
      }
    }
    return { leaving, others };
  }

  private async contactsOf(outgoing: readonly Outgoing[]): Promise<ReadonlyMap<string, Contact>> {
    const userIds = [...new Set(outgoing.flatMap(({ user_id }) => user_id ?? []))];
    if (userIds.length === 0) return new Map();
    const { items } = await this.auth.contacts({ userIds });
    return new Map(items.map((contact) => [contact.userId, contact]));
  }
}

const localeOf = ({ locale }: Outgoing): Locale => locale;

/** Where a message goes, or why it does not. */
function addressesOf(
  { user_id, channel, address, template, expires_at }: Outgoing,
  contact: Contact | undefined,
): readonly string[] | SkipReason {
  if (expires_at !== null && expires_at.getTime() <= Date.now()) return 'expired';
  if (user_id !== null && contact === undefined) return 'unknown_user';
  const isAlways = template !== null && causeOf(template).always === true;
  if (contact?.disabled === true && !isAlways) return 'unknown_user';
  if (address !== null) return [address];
  switch (channel) {
    case 'in_app':
      return user_id === null ? 'unknown_user' : [user_id];
    case 'email':
      return contact?.email ? [contact.email] : 'no_address';
    case 'sms':
      return contact?.phone ? [contact.phone] : 'no_address';
    case 'push':
      return 'no_device';
  }
}

export const sentTo = (channel: Outgoing['channel'], { to }: Message): string => masked(channel, to[0] ?? '');
