import type { Channel, Locale } from '#libs/contracts/notification/views';
import { mailPage } from './mail-page.ts';
import { escaped, type Wording, wordingIn } from './text.ts';

const plain = { en: wordingIn('en'), hi: wordingIn('hi') };
const OPEN: Readonly<Record<Locale, string>> = { en: 'Open', hi: 'खोलें' };
const UNSUBSCRIBE: Readonly<Record<Locale, string>> = { en: 'Unsubscribe', hi: 'ये मेल बंद करें' };

/** A campaign's words for a channel; its text is an admin's, and no markup. A mail's button leads to the value of `link`. */
export function wordedFreely(channel: Channel, locale: Locale, title: string, body: string, hasLink: boolean): Wording {
  if (channel !== 'email') return { subject: title, text: body };
  const { mail } = plain[locale];
  const button = hasLink ? { button: [OPEN[locale], '{{link}}'] as const } : {};
  const page = mail({
    subject: escaped(title),
    paragraphs: paragraphsOf(body),
    ...button,
  });
  const text = mail({ subject: title, paragraphs: [body], ...button });
  return { ...page, ...text, html: page.html ?? '' };
}

/** The page of a mail that an admin wrote as text alone. */
export const pageOf = (locale: Locale, subject: string, text: string): string =>
  mailPage(locale, { subject: escaped(subject), paragraphs: paragraphsOf(text) });

const paragraphsOf = (text: string): string[] => text.split(/\n{2,}/).map((words) => escaped(words).replaceAll('\n', '<br>'));

/** A mail with the link that switches its kind off. */
export function footed(worded: Wording, link: string, locale: Locale): Wording {
  const words = UNSUBSCRIBE[locale];
  const anchor = ` · <a href="${escaped(link)}" style="color:inherit">${words}</a>`;
  const html = worded.html?.includes('<!--footer-->')
    ? worded.html.replace('<!--footer-->', () => anchor)
    : worded.html?.replace(/(<\/body>|$)/i, (end) => `<p>${anchor}</p>${end}`);
  return { ...worded, text: `${worded.text}\n\n${words}: ${link}`, ...(html === undefined ? {} : { html }) };
}
