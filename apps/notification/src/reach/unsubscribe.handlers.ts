import { Injectable } from '@nestjs/common';
import type { ByteAnswer, RawRequest } from '#libs/contracts/contract';
import { notFound } from '#libs/contracts/errors';
import { notificationApi, type UnsubscribeLink } from '#libs/contracts/notification/api';
import type { Category, Locale, Unsubscribed } from '#libs/contracts/notification/views';
import { Database } from '#libs/persistence/database';
import { causeOf } from '../causes.ts';
import { PreferenceRepository } from './preference.repository.ts';
import { PreferenceChanges } from './preference-changes.ts';
import { cellOf } from './preferences.ts';
import { type Subscription, UnsubscribeLinks } from './unsubscribe-links.ts';

interface Words {
  readonly title: string;
  readonly button: string;
  readonly feedback: string;
  readonly categories: Readonly<Partial<Record<Category, string>>>;
}

const WORDS: Readonly<Record<Locale, Words>> = {
  en: {
    title: 'No more of these mails?',
    button: 'Unsubscribe',
    feedback: 'News of this piece of feedback',
    categories: { wishlist: 'Mails about your wishlist', promotions: 'Mails with offers' },
  },
  hi: {
    title: 'ये मेल बंद करें?',
    button: 'सदस्यता हटाएँ',
    feedback: 'इस सुझाव की ख़बरें',
    categories: { wishlist: 'आपकी विशलिस्ट के बारे में मेल', promotions: 'ऑफ़र वाले मेल' },
  },
};

/** The link in a mail. Mail scanners open it, so opening changes nothing; the button, or the mail program, posts to it. */
@Injectable()
export class UnsubscribeHandlers {
  constructor(
    private readonly links: UnsubscribeLinks,
    private readonly preferences: PreferenceRepository,
    private readonly changes: PreferenceChanges,
    private readonly database: Database,
  ) {}

  async unsubscribePage({ token }: UnsubscribeLink): Promise<ByteAnswer> {
    const { userId, category } = this.subscriptionOf(token);
    const locale = (await this.preferences.of([userId])).get(userId)?.locale ?? 'en';
    const { feedback, categories } = WORDS[locale];
    const what = category === undefined ? feedback : (categories[category] ?? category);
    return { body: Buffer.from(pageFor(what, locale)), mime: 'text/html; charset=utf-8', maxAge: 0 };
  }

  async unsubscribe({ query }: RawRequest): Promise<Unsubscribed> {
    const { userId, category, feedbackId } = this.subscriptionOf(query?.token ?? '');
    if (feedbackId !== undefined) return this.leave(userId, feedbackId);
    await this.changes.make(userId, { choices: { [cellOf(category, 'email')]: false } });
    return { category, email: false };
  }

  /** Who hears of it, feedback knows; the category stays as it is. */
  private async leave(userId: string, feedbackId: string): Promise<Unsubscribed> {
    await this.database.transaction(async (transaction) => {
      transaction.publish(notificationApi.events.unsubscribed, { userId, feedbackId, at: new Date().toISOString() });
    });
    return { category: causeOf('feedback_status').category, email: false, feedbackId };
  }

  private subscriptionOf(token: string): Subscription {
    const subscription = this.links.open(token);
    if (subscription === undefined) throw notFound();
    return subscription;
  }
}

function pageFor(what: string, locale: Locale): string {
  const { title, button } = WORDS[locale];
  return `<!doctype html>
<html lang="${locale}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>${title}</title></head>
<body>
<main>
<h1>${title}</h1>
<p>${what}</p>
<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>${button}</button></form>
</main>
</body>
</html>
`;
}
