import { Injectable } from '@nestjs/common';
import type { Locale } from '#libs/contracts/notification/views';
import { SecretTexts } from '#libs/messaging/secret-texts';
import { Links } from '../links.ts';
import { MissingVariable, rendered, type Values } from '../texts/text.ts';
import { Texts } from '../texts/texts.ts';
import { valuesOf } from '../texts/values.ts';
import type { Message, Outgoing } from './outgoing.ts';

/** Puts a message into words. */
@Injectable()
export class Composer {
  constructor(
    private readonly texts: Texts,
    private readonly secrets: SecretTexts,
    private readonly links: Links,
  ) {}

  /** The message, or the code of what is wrong with it. */
  compose(one: Outgoing, to: readonly string[], locale: Locale, name: string): Message | { readonly code: string } {
    const text = one.template === null ? undefined : this.texts.find(one.template, locale, one.channel);
    if (text === undefined) return { code: 'no_text' };
    try {
      const { subject, text: body, html } = rendered(text.wording, valuesOf(one, locale, name, this.secretsOf(one)));
      return {
        ...{
          id: one.id,
          channel: one.channel,
          notificationId: one.notification_id,
          userId: one.user_id,
          template: one.template,
          category: one.category,
          locale,
        },
        ...{ version: text.version, to, text: body, data: one.data, count: one.count, tries: one.tries, createdAt: one.created_at },
        ...(subject === undefined ? {} : { subject }),
        ...(html === undefined ? {} : { html }),
      };
    } catch (error) {
      if (error instanceof MissingVariable) return { code: 'missing_variable' };
      throw error;
    }
  }

  /** What auth has sealed: a code, or the token of a link. */
  private secretsOf({ notification_id, template, sealed }: Outgoing): Values {
    const secret = sealed === null ? undefined : this.secrets.open(notification_id, sealed);
    if (secret === undefined) return {};
    if (template === 'otp') return { code: secret };
    return {
      link:
        template === 'password_reset' || template === 'staff_invitation'
          ? this.links.resetPassword(secret)
          : this.links.verifyEmail(secret),
    };
  }
}
