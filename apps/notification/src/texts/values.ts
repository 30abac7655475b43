import type { Locale } from '#libs/contracts/notification/views';
import type { Outgoing } from '../delivery/outgoing.ts';
import { enWords } from './en.ts';
import { hiWords } from './hi.ts';
import type { Values } from './text.ts';

const TAGS: Readonly<Record<Locale, string>> = { en: 'en-IN', hi: 'hi-IN' };
const WORDS: Readonly<Record<Locale, Readonly<Record<string, string>>>> = { en: enWords, hi: hiWords };
/** Variables whose values are words of the shop. */
const WORDED = ['change', 'status', 'matter'];
const TIMES = ['at', 'until'];

/** `14 March 2026 at 6:05 pm`, in India's time. */
const moment = (at: string, locale: Locale): string =>
  new Intl.DateTimeFormat(TAGS[locale], { dateStyle: 'long', timeStyle: 'short', timeZone: 'Asia/Kolkata' }).format(new Date(at));

const lifeOf = ({ created_at, expires_at }: Outgoing): Values => {
  const minutes = expires_at === null ? 0 : (expires_at.getTime() - created_at.getTime()) / 60_000;
  return { minutes: String(Math.max(1, Math.round(minutes))), hours: String(Math.max(1, Math.round(minutes / 60))) };
};

/** A digest has news of both kinds, so it names its last and counts the others. */
const othersThan = (count: number, locale: Locale): string => {
  if (count < 2) return '';
  if (count === 2) return locale === 'en' ? ' There is one more piece of news from your wishlist.' : ' आपकी विशलिस्ट से एक ख़बर और है।';
  return locale === 'en' ? ` There are ${count - 1} more pieces of news from your wishlist.` : ` आपकी विशलिस्ट से ${count - 1} ख़बरें और हैं।`;
};

/** A reward that makes up for one that was taken back comes without a coupon. */
const couponOf = ({ code, until }: Values, locale: Locale): string => {
  if (!code || until === undefined) return '';
  const end = moment(until, locale);
  return locale === 'en' ? ` Use coupon ${code} until ${end}.` : ` कूपन ${code} का इस्तेमाल ${end} तक करें।`;
};

/** Whom a greeting names where the name is not to be told. */
const NAMELESS: Readonly<Record<Locale, string>> = { en: 'there', hi: 'जी' };

/** What the variables of a message's texts stand for, in the reader's language. */
export function valuesOf(one: Outgoing, locale: Locale, name: string | undefined, secrets: Values = {}): Values {
  const told = Object.entries(one.variables).map(([key, value]): [string, string] => {
    if (WORDED.includes(key)) return [key, WORDS[locale][value] ?? value];
    return [key, TIMES.includes(key) ? moment(value, locale) : value];
  });
  return {
    ...{ name: name ?? NAMELESS[locale], others: othersThan(one.count, locale), coupon: couponOf(one.variables, locale) },
    ...Object.fromEntries(told),
    ...lifeOf(one),
    ...secrets,
  };
}
