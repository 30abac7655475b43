import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { Channel } from '#libs/contracts/notification/views';
import { keepInDevInbox } from '#libs/runtime/dev-inbox';
import { headersOf, messageIdOf } from './mail-headers.ts';
import type { Carrier, Message, Outcome } from './outgoing.ts';

export const LIMITS_REDIS = Symbol('limits redis');

const AT_ONCE = 50;
const SANDBOX_HOST = 'only2u.test';
const INBOX_CHANNELS = { email: 'mail', sms: 'sms', push: 'push' } as const;

/** Stands for a provider that is not set: what would leave is kept in the dev inbox. */
@Injectable()
export class InboxCarrier {
  constructor(@Inject(LIMITS_REDIS) private readonly redis: Redis) {}

  of(channel: Exclude<Channel, 'in_app'>): Carrier {
    return { atOnce: AT_ONCE, restsFor: () => 0, carry: (messages) => Promise.all(messages.map((message) => this.keep(channel, message))) };
  }

  private async keep(channel: Exclude<Channel, 'in_app'>, message: Message): Promise<Outcome> {
    const { to, subject, text, template, category, locale, data, dltTemplateId } = message;
    for (const address of to) {
      await keepInDevInbox(this.redis, {
        ...{ channel: INBOX_CHANNELS[channel], to: address, text, category, locale },
        ...(subject === undefined ? {} : { subject }),
        ...(template === null ? {} : { template }),
        ...(channel === 'push' ? { data } : {}),
        ...(channel === 'email' ? { headers: { 'Message-ID': messageIdOf(message, SANDBOX_HOST), ...headersOf(message) } } : {}),
        ...(dltTemplateId === undefined ? {} : { dltTemplateId }),
      });
    }
    return { state: 'sent', provider: 'sandbox' };
  }
}
