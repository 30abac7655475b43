/** What people write in several ways and the shop keeps in one; and text that only looks like it. */

/** A character that can be seen: no blank, no control, format or zero-width character, no filler. */
export const VISIBLE = /(?![\p{Default_Ignorable_Code_Point}\u2800])[\p{L}\p{N}\p{P}\p{S}]/u;

const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{C}\s\u2800]/gu;

/** A code as it is looked up: people copy codes together with blanks and characters that nobody sees. */
export const withoutInvisible = (text: string): string => text.replace(INVISIBLE, '');

/** Joiners are a part of words of India's languages. */
const UNSEEN = /(?![\u200c\u200d])[\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** A short text that is compared with others, such as a size: two that look the same are the same. */
export const withoutUnseen = (text: string): string => text.replace(UNSEEN, '');

/** Blanks, hyphens, dots and brackets that stand between the digits of a phone number, and the marks that address books put around it. */
const BETWEEN_DIGITS = /[\s.()\p{Pd}\u2212\p{Cf}]/gu;
const PHONE = /^(?:(?:\+|00?)?91)?0?([6-9]\d{9})$/;

/** `+91` and ten digits of an Indian mobile number in any usual spelling; undefined for anything else. */
export function phoneOf(text: string): string | undefined {
  const digits = PHONE.exec(text.replace(BETWEEN_DIGITS, ''))?.[1];
  return digits === undefined ? undefined : `+91${digits}`;
}

/** What `phoneOf` reads, for the schema. */
export const PHONE_SPELLINGS = (() => {
  const between = '[\\s.()\\-]*';
  const spaced = (...digits: string[]): string => digits.join(between);
  return `^${between}(?:(?:\\+|0(?:${between}0)?)?${between}${spaced('9', '1')}${between})?(?:0${between})?[6-9](?:${between}\\d){9}${between}$`;
})();

const SHORTEST_PHONE_PART = 3;

/** What to look for in kept phone numbers when people search with the whole or a part of one; undefined for what is no part of a number. */
export function phonePartOf(text: string): string | undefined {
  const whole = phoneOf(text);
  if (whole !== undefined) return whole;
  const digits = text.replace(BETWEEN_DIGITS, '').replace(/^(?:\+|0+)/, '');
  return /^\d+$/.test(digits) && digits.length >= SHORTEST_PHONE_PART ? digits : undefined;
}

/** Such as no e-mail address has: two addresses that differ by them alone would look the same. */
export const isPlainAddress = (text: string): boolean => withoutInvisible(text) === text && text.normalize('NFKC') === text;

const DAY = /^([1-9]\d{3})-(\d{2})-(\d{2})$/;
const TIME = /^T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)$/;

/** `2026-11-30`, of a day that there is. */
export function isDay(text: string): boolean {
  const [, year, month, day] = DAY.exec(text) ?? [];
  if (day === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

/** ISO 8601 with a zone. */
export const isMoment = (text: string): boolean => isDay(text.slice(0, 10)) && TIME.test(text.slice(10));
