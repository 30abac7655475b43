/** Ways to lead readers away from the shop: web and mail addresses and phone numbers. What is found waits for staff, so a doubtful one counts. */

const MAIL = /[\p{L}\p{N}._%+-]{1,64}\s?(?:@|[([{]\s?at\s?[)\]}])\s?[\p{L}\p{N}-]{1,63}\s?(?:\.|[([{]\s?dot\s?[)\]}])/iu;
const WITH_SCHEME = /\b(?:https?|ftp):\/\/\S|\bwww\.\S/iu;
/** Endings of names that people write without a scheme; in small or in capital letters, for a sentence may begin behind a dot. */
const ENDINGS = [
  ...['com', 'in', 'net', 'org', 'co', 'io', 'shop', 'store', 'info', 'me', 'app', 'xyz', 'biz', 'online', 'link', 'ly', 'website'],
  ...['gl', 'uk', 'eu', 'dev', 'ai', 'tv', 'cc', 'ws'],
];
/** Endings that are words too, where somebody forgot the blank behind a dot: only with a path. */
const WORDS = ['to', 'be', 'us', 'top', 'live', 'page', 'club', 'sale', 'fashion', 'site', 'vip', 'it', 'so', 'at'];
const oneOf = (endings: readonly string[]): string => [...endings, ...endings.map((ending) => ending.toUpperCase())].join('|');
const DOT = '(?:\\.|[([{]\\s?dot\\s?[)\\]}])';
const NAME = new RegExp(
  `(?<![\\p{L}\\p{N}])[\\p{L}\\p{N}][\\p{L}\\p{N}-]{1,62}${DOT}(?:(?:${oneOf(ENDINGS)})(?![\\p{L}\\p{N}])|(?:${oneOf(WORDS)})/)`,
  'u',
);

const BETWEEN = '[\\s.()\\p{Pd}]{0,3}';
const digits = (count: string): string => `(?:${BETWEEN}\\d)${count}`;
const PHONE = new RegExp(
  [
    // An Indian mobile number, with or without its country; any number with a country; one of a town; one that is free of charge.
    `(?<!\\d)(?:(?:\\+|00?)?91|0)?${BETWEEN}[6-9]${digits('{9}')}(?!\\d)`,
    `\\+\\d${digits('{7,14}')}(?!\\d)`,
    `(?<!\\d)0\\d{2,4}[\\s-]?\\d{6,8}(?!\\d)`,
    `(?<!\\d)18[0-9]{2}[\\s-]?\\d{3}[\\s-]?\\d{3,4}(?!\\d)`,
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
    return [MAIL, WITH_SCHEME, NAME, PHONE].some((way) => way.test(plain));
  });
}
