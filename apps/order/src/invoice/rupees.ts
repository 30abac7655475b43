const ONES = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
] as const;
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'] as const;
const SCALES = [
  { value: 10_000_000, name: 'crore' },
  { value: 100_000, name: 'lakh' },
  { value: 1_000, name: 'thousand' },
  { value: 100, name: 'hundred' },
] as const;

/** `12,34,567.05` of 123456705 paise: thousands, then lakhs and crores by twos. */
export function rupees(paise: number): string {
  const digits = String(Math.floor(Math.abs(paise) / 100));
  const head = digits.slice(0, -3).replaceAll(/\B(?=(\d\d)+$)/g, ',');
  const whole = head === '' ? digits : `${head},${digits.slice(-3)}`;
  return `${paise < 0 ? '−' : ''}${whole}.${String(Math.abs(paise) % 100).padStart(2, '0')}`;
}

/** `Rupees one lakh two thousand and five paise only`; whole paise, not negative. */
export function rupeesInWords(paise: number): string {
  const fraction = paise % 100;
  const words = `Rupees ${inWords(Math.floor(paise / 100))}`;
  return fraction === 0 ? `${words} only` : `${words} and ${inWords(fraction)} paise only`;
}

function inWords(number: number): string {
  for (const { value, name } of SCALES) {
    if (number < value) continue;
    const rest = number % value;
    return `${inWords(Math.floor(number / value))} ${name}${rest === 0 ? '' : ` ${inWords(rest)}`}`;
  }
  if (number < 20) return ONES[number] ?? '';
  const unit = number % 10;
  return `${TENS[Math.floor(number / 10)]}${unit === 0 ? '' : `-${ONES[unit]}`}`;
}
