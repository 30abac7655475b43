/** Thirteen to nineteen digits, in groups as people write them. */
const CANDIDATE = /(?<![\d])\d(?:[ -]?\d){12,18}(?![\d])/g;
const SHOWN = 4;

/** The check digit of payment cards (ISO/IEC 7812-1, annex B). */
function isCardNumber(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at]);
    const weighed = at % 2 === 0 ? digit : 2 * digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0 && /[1-9]/.test(digits);
}

/** The text with all but the last four digits of every card number masked; everything else stays as it is. */
export const withoutCardNumbers = (text: string): string =>
  text.replace(CANDIDATE, (found) => {
    const digits = found.replace(/\D/g, '');
    if (!isCardNumber(digits)) return found;
    let left = digits.length;
    return found.replace(/\d/g, (digit) => {
      left -= 1;
      return left < SHOWN ? digit : '*';
    });
  });
