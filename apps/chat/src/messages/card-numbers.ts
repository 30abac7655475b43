/** Groups of digits, each beside the next. */
const RUN = /\d+(?:[ -]\d+)*/g;
const GROUP = /\d+/g;
const SHORTEST = 13;
const LONGEST = 19;
const USUAL = 16;
const SHOWN = 4;

/** How numbers are printed on cards: in one piece, in fours with a shorter rest, or as 4-6-4 and 4-6-5. */
const PRINTED = /^(?:\d+|(?:4 ){3,4}[1-4]|4 6 [45])$/;
/** What the numbers of the card networks begin with, at their lengths. */
const ISSUED = /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[0689]\d{12}|(?:35|50|6\d|8[12])\d{14})$/;

interface Group {
  readonly from: number;
  readonly digits: string;
}

/** The check digit of payment cards (ISO/IEC 7812-1, annex B). */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at]);
    const weighed = at % 2 === 0 ? digit : 2 * digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0 && /[1-9]/.test(digits);
}

/** How many groups from the first on may be one number, the usual length first. */
function countsFrom(groups: readonly Group[], first: number): number[] {
  const counts: { count: number; length: number }[] = [];
  let length = 0;
  for (let at = first; at < groups.length && length <= LONGEST; at += 1) {
    length += groups[at]?.digits.length ?? 0;
    if (length >= SHORTEST && length <= LONGEST) counts.push({ count: at - first + 1, length });
  }
  return counts.sort((one, other) => Number(other.length === USUAL) - Number(one.length === USUAL)).map(({ count }) => count);
}

/**
 * The groups of each card number, none in two of them. What stands beside a number makes it no other number, so a part of the run is taken where
 * it looks like a card; phone and order numbers beside each other do not.
 */
function cardsIn(groups: readonly Group[]): (readonly Group[])[] {
  const cards: (readonly Group[])[] = [];
  const taken = new Set<Group>();
  // Where two parts overlap, that of a card network is the card.
  for (const isIssued of [true, false])
    for (let first = 0; first < groups.length; first += 1)
      for (const count of countsFrom(groups, first)) {
        const part = groups.slice(first, first + count);
        if (part.some((group) => taken.has(group))) continue;
        const digits = part.map((group) => group.digits).join('');
        const isWhole = count === groups.length;
        const isPrinted = PRINTED.test(part.length === 1 ? digits : part.map((group) => group.digits.length).join(' '));
        const looksIt = isIssued ? ISSUED.test(digits) && (isPrinted || isWhole) : isPrinted;
        if (!looksIt || !hasCheckDigit(digits)) continue;
        cards.push(part);
        for (const group of part) taken.add(group);
      }
  return cards;
}

/** The text with all but the last four digits of every card number masked; everything else stays as it is. */
export const withoutCardNumbers = (text: string): string =>
  text.replace(RUN, (run) => {
    const groups = [...run.matchAll(GROUP)].map(({ index, 0: digits }) => ({ from: index, digits }));
    const shown = [...run];
    for (const card of cardsIn(groups)) {
      const places = card.flatMap(({ from, digits }) => Array.from(digits, (_, at) => from + at));
      for (const place of places.slice(0, -SHOWN)) shown[place] = '*';
    }
    return shown.join('');
  });
