import type { Locale } from '#libs/contracts/notification/views';
import type { Outgoing } from '../delivery/outgoing.ts';
import type { Values } from './text.ts';

const TAGS: Readonly<Record<Locale, string>> = { en: 'en-IN', hi: 'hi-IN' };

/** `14 March 2026, 6:05 pm`, in India's time. */
const moment = (at: string, locale: Locale): string =>
  new Intl.DateTimeFormat(TAGS[locale], { dateStyle: 'long', timeStyle: 'short', timeZone: 'Asia/Kolkata' }).format(new Date(at));

const lifeOf = ({ created_at, expires_at }: Outgoing): { minutes: string; hours: string } => {
  const minutes = expires_at === null ? 0 : (expires_at.getTime() - created_at.getTime()) / 60_000;
  return { minutes: String(Math.max(1, Math.round(minutes))), hours: String(Math.max(1, Math.round(minutes / 60))) };
};

/** What the variables of a message's texts stand for, in the reader's language. */
export function valuesOf(one: Outgoing, locale: Locale, name: string, secrets: Values = {}): Values {
  const { at } = one.variables;
  return { name, ...one.variables, ...(at === undefined ? {} : { at: moment(at, locale) }), ...lifeOf(one), ...secrets };
}
