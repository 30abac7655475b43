import { Injectable } from '@nestjs/common';
import type { ByteAnswer, RawRequest } from '#libs/contracts/contract';
import { notFound } from '#libs/contracts/errors';
import type { UnsubscribeLink } from '#libs/contracts/notification/api';
import type { Category, Locale, Unsubscribed } from '#libs/contracts/notification/views';
import { PreferenceRepository } from './preference.repository.ts';
import { cellOf } from './preferences.ts';
import { type Subscription, UnsubscribeLinks } from './unsubscribe-links.ts';

const WORDS: Readonly<Record<Locale, { title: string; button: string; categories: Readonly<Partial<Record<Category, string>>> }>> = {
  en: {
    title: 'No more of these mails?',
    button: 'Unsubscribe',
    categories: { wishlist: 'Mails about your wishlist', promotions: 'Mails with offers' },
  },
  hi: {
    title: 'ये मेल बंद करें?',
    button: 'सदस्यता हटाएँ',
    categories: { wishlist: 'आपकी विशलिस्ट के बारे में मेल', promotions: 'ऑफ़र वाले मेल' },
  },
};

/** The link in a mail. Mail scanners open it, so opening changes nothing; the button, or the mail program, posts to it. */
@Injectable()
export class UnsubscribeHandlers {
  constructor(
    private readonly links: UnsubscribeLinks,
    private readonly preferences: PreferenceRepository,
  ) {}

  async unsubscribePage({ token }: UnsubscribeLink): Promise<ByteAnswer> {
    const { userId, category } = this.subscriptionOf(token);
    const locale = (await this.preferences.of([userId])).get(userId)?.locale ?? 'en';
    return { body: Buffer.from(pageFor(category, locale)), mime: 'text/html; charset=utf-8', maxAge: 0 };
  }

  async unsubscribe({ query }: RawRequest): Promise<Unsubscribed> {
    const { userId, category } = this.subscriptionOf(query?.token ?? '');
    await this.preferences.change(userId, { choices: { [cellOf(category, 'email')]: false } });
    return { category, email: false };
  }

  private subscriptionOf(token: string): Subscription {
    const subscription = this.links.open(token);
    if (subscription === undefined) throw notFound();
    return subscription;
  }
}

function pageFor(category: Category, locale: Locale): string {
  const { title, button, categories } = WORDS[locale];
  return `<!doctype html>
<html lang="${locale}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>${title}</title></head>
<body>
<main>
<h1>${title}</h1>
<p>${categories[category] ?? category}</p>
<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>${button}</button></form>
</main>
</body>
</html>
`;
}
