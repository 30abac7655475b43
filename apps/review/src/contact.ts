/** Ways to lead readers away from the shop: web and mail addresses and phone numbers. What is found waits for staff, so a doubtful one counts. */

/** A letter somewhere in the domain: `@ 499.` is a price, and so is `@ Rs.499`. */
const MAIL =
  /[\p{L}\p{N}._%+-]{1,64}\s?(?:@|[([{]\s?at\s?[)\]}])\s?(?!rs\.\s?\d)(?=[\p{N}.-]{0,63}\p{L})[\p{L}\p{N}-]{1,63}\s?(?:\.|[([{]\s?dot\s?[)\]}])/iu;
const WITH_SCHEME = /\b(?:https?|ftp):\/\/\S|\bwww\.\S/iu;
/** Endings of names that people write without a scheme; in small or in capital letters, for a sentence may begin behind a dot. */
const ENDINGS = [
  ...['com', 'in', 'net', 'org', 'co', 'io', 'shop', 'store', 'info', 'me', 'app', 'xyz', 'biz', 'online', 'link', 'ly', 'website'],
  ...['gl', 'uk', 'eu', 'dev', 'ai', 'tv', 'cc', 'ws', 'de', 'fr', 'ru', 'cn', 'pk', 'us', 'ee', 'gle', 'supply'],
];
/** With a capital: seldom the first word of a sentence. */
const CAPITALISED = ['Com', 'Net', 'Org'];
const oneOf = (endings: readonly string[]): string => [...endings, ...endings.map((ending) => ending.toUpperCase())].join('|');
const DOT = '(?:\\.|[([{]\\s?dot\\s?[)\\]}])';
/** By its ending; with a path by any, for somebody who forgets the blank behind a dot seldom writes a stroke behind the next word. */
const NAME = new RegExp(
  `(?<![\\p{L}\\p{N}])[\\p{L}\\p{N}][\\p{L}\\p{N}-]{0,62}${DOT}(?:(?:${oneOf(ENDINGS)}|${CAPITALISED.join('|')})(?![\\p{L}\\p{N}])|(?:[a-z]{2,24}|[A-Z]{2,24})/)`,
  'u',
);
const ADDRESS = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\//u;

const BETWEEN = '[\\s._()\\p{Pd}]{0,3}';
const digits = (count: string): string => `(?:${BETWEEN}\\d)${count}`;
const MOBILE = `(?<!\\d)(?:(?:\\+|00?)?91|0)?${BETWEEN}[6-9]`;
const PHONE = new RegExp(
  [
    // An Indian mobile number, with or without its country; any number with a country; one of a town; one that is free of charge.
    `${MOBILE}${digits('{9}')}(?!\\d)`,
    // Commas and strokes are in lists of prices and sizes too: only between halves, or behind each digit.
    `${MOBILE}(?:\\d{4}\\s?[,/]\\s?\\d{5}|(?:\\s?[,/]\\s?\\d){9})(?!\\d)`,
    `\\+\\d${digits('{7,14}')}(?!\\d)`,
    `(?<!\\d)\\(?0\\d{2,4}\\)?${digits('{6,8}')}(?!\\d)`,
    `(?<!\\d)18\\d{2}${digits('{6,7}')}(?!\\d)`,
  ].join('|'),
  'u',
);
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Digits of every script as the plain ones, wide letters as the usual, and nothing that nobody sees. */
function plainOf(text: string): string {
  const usual = text.normalize('NFKC').replace(UNSEEN, '');
  return usual.replace(/\p{Nd}/gu, (digit) => (digit < ':' ? digit : String(digitOf(digit))));
}

/** Digits of a script follow each other from a zero on. */
function digitOf(digit: string): number {
  const point = digit.codePointAt(0) ?? 0;
  let zero = point;
  while (point - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return point - zero;
}

export function namesContact(...texts: readonly (string | undefined)[]): boolean {
  return texts.some((text) => {
    if (text === undefined) return false;
    const plain = plainOf(text);
    return [MAIL, WITH_SCHEME, NAME, ADDRESS, PHONE].some((way) => way.test(plain));
  });
}
