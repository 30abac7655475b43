import { Injectable } from '@nestjs/common';
import { Refusal } from '#libs/contracts/errors';
import type { Category, Locale } from '#libs/contracts/notification/views';
import { SecretTexts } from '#libs/messaging/secret-texts';
import { Links } from '../links.ts';
import { UnsubscribeLinks } from '../reach/unsubscribe-links.ts';
import { footed, wordedFreely } from '../texts/free-wording.ts';
import { isRegistered, MissingVariable, rendered, type Values } from '../texts/text.ts';
import { type ActiveText, Texts, UNREGISTERED } from '../texts/texts.ts';
import { valuesOf } from '../texts/values.ts';
import type { Message, Outgoing } from './outgoing.ts';

/** Mails of these can be switched off by a link in them. */
const UNSUBSCRIBABLE: readonly Category[] = ['wishlist', 'promotions'];
/** And these for the piece of feedback that they are about. */
const OF_FEEDBACK: readonly string[] = ['feedback_status', 'feedback_reply'];

interface FoundText extends Omit<ActiveText, 'version'> {
  readonly version: number | null;
  readonly locale: Locale;
}

/** Puts a message into words. */
@Injectable()
export class Composer {
  constructor(
    private readonly texts: Texts,
    private readonly secrets: SecretTexts,
    private readonly links: Links,
    private readonly unsubscribing: UnsubscribeLinks,
  ) {}

  /** The message, or the code of what is wrong with it: a message that cannot be worded fails alone. @throws unavailable until the texts are read */
  compose(
    one: Outgoing & { readonly judgedCount: number },
    to: readonly string[],
    wanted: Locale,
    name: string | undefined,
  ): Message | { readonly code: string } {
    try {
      const active = this.textFor(one, wanted);
      if (active === undefined) return { code: 'no_text' };
      const { locale } = active;
      const worded = rendered(active.wording, valuesOf(one, locale, name, { ...linkOf(one), ...this.secretsOf(one) }));
      if (one.channel === 'sms' && !isRegistered(worded.text, active.wording.text)) return { code: 'not_the_registered_text' };
      const unsubscribe = this.unsubscribeLink(one);
      const { subject, text, html } = unsubscribe === undefined ? worded : footed(worded, unsubscribe, locale);
      return {
        ...{ id: one.id, notificationId: one.notification_id, userId: one.user_id, channel: one.channel, template: one.template },
        ...{ category: one.category, locale, version: active.version, to, text, data: one.data, count: one.count },
        judgedCount: one.judgedCount,
        ...{ tries: one.tries, createdAt: one.created_at },
        ...(subject === undefined ? {} : { subject }),
        ...(html === undefined ? {} : { html }),
        ...(active.dltTemplateId === undefined ? {} : { dltTemplateId: active.dltTemplateId }),
        ...(unsubscribe === undefined ? {} : { unsubscribe }),
      };
    } catch (error) {
      if (error instanceof Refusal) throw error;
      return { code: error instanceof MissingVariable ? 'missing_variable' : 'not_worded' };
    }
  }

  /** In the reader's language, else in English; an SMS rather in a registered text than in their language. A campaign brings its own words. */
  private textFor({ template, channel, title, body, data }: Outgoing, wanted: Locale): FoundText | undefined {
    if (template === null) {
      const wording = wordedFreely(channel, wanted, title ?? '', body ?? '', data.link !== undefined);
      return { wording, version: null, dltTemplateId: undefined, locale: wanted };
    }
    const found = [...new Set<Locale>([wanted, 'en'])].flatMap((locale): FoundText[] => {
      const text = this.texts.find(template, locale, channel);
      return text === undefined ? [] : [{ ...text, locale }];
    });
    const registered = channel === 'sms' ? found.find(({ dltTemplateId }) => dltTemplateId !== UNREGISTERED) : undefined;
    return registered ?? found[0];
  }

  private unsubscribeLink({ channel, category, template, data: { feedbackId }, user_id: userId }: Outgoing): string | undefined {
    if (channel !== 'email' || userId === null) return undefined;
    if (template !== null && OF_FEEDBACK.includes(template) && feedbackId !== undefined)
      return this.links.unsubscribe(this.unsubscribing.tokenFor({ userId, feedbackId }));
    if (!UNSUBSCRIBABLE.includes(category)) return undefined;
    return this.links.unsubscribe(this.unsubscribing.tokenFor({ userId, category }));
  }

  /** What auth has sealed: a code, or the token of a link. */
  private secretsOf({ notification_id, template, sealed }: Outgoing): Values {
    const secret = sealed === null ? undefined : this.secrets.open(notification_id, sealed);
    if (secret === undefined) return {};
    if (template === 'otp') return { code: secret };
    const setsPassword = template === 'password_reset' || template === 'staff_invitation';
    return { link: setsPassword ? this.links.resetPassword(secret) : this.links.verifyEmail(secret) };
  }
}

/** Where a campaign's mail leads to; a template's link is among its variables. */
const linkOf = ({ template, data }: Outgoing): Values => (template === null && data.link !== undefined ? { link: data.link } : {});
