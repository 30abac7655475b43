/** Uses of the API that Razorpay would tolerate or refuse, and that are a client's mistake either way. Tests assert that the list is empty. */
export const violationKinds = [
  'non_integer_amount',
  'receipt_too_long',
  'receipt_reused',
  'notes_too_large',
  'unknown_field',
  'malformed_id',
  'refund_without_idempotency_key',
  'malformed_idempotency_key',
  'idempotency_key_reused',
  'pan_like_digits',
  'bad_credentials',
] as const;
export type ViolationKind = (typeof violationKinds)[number];

export interface Violation {
  kind: ViolationKind;
  /** `POST /v1/orders` */
  endpoint: string;
  detail: string;
  /** ISO 8601 on the simulator's clock. */
  at: string;
}

/** A client in a loop shall not fill the memory. */
const kept = 1000;

export class Violations {
  readonly #now: () => number;
  #list: Violation[] = [];
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `detail` must not quote what may be a card number. */
  add(kind: ViolationKind, endpoint: string, detail: string): void {
    this.#count += 1;
    if (this.#list.length < kept) this.#list.push({ kind, endpoint, detail, at: new Date(this.#now()).toISOString() });
  }

  /** The first 1000, and how many there were. */
  list(): { count: number; items: Violation[] } {
    return { count: this.#count, items: [...this.#list] };
  }

  clear(): void {
    this.#list = [];
    this.#count = 0;
  }
}

const inOnePiece = /(?<![0-9A-Za-z])\d{13,19}(?![0-9A-Za-z])/g;
const inGroups = /(?<![0-9A-Za-z-])(?:(?:\d{4}[ -]){3}\d{1,4}(?:[ -]\d{1,3})?|\d{4}[ -]\d{6}[ -]\d{5})(?![0-9A-Za-z-])/g;

/**
 * Whether the text holds what looks like a card number: 13 to 19 digits, in one piece or in a card's groups, that begin like a card of a known
 * network and pass Luhn's check. Times, amounts and UUIDs do not begin or group like that.
 */
export function hasCardNumber(text: string): boolean {
  if (text.length < 13) return false;
  for (const pattern of [inOnePiece, inGroups]) {
    for (const [run] of text.matchAll(pattern)) {
      const digits = run.replaceAll(/[ -]/g, '');
      if (beginsLikeCard(digits) && passesLuhn(digits)) return true;
    }
  }
  return false;
}

function beginsLikeCard(digits: string): boolean {
  // Visa; Mastercard; American Express; RuPay, Discover, Maestro; Diners.
  return (
    (/^4/.test(digits) && [13, 16, 19].includes(digits.length)) ||
    (/^(?:5[1-5]|2[2-7])/.test(digits) && digits.length === 16) ||
    (/^3[47]/.test(digits) && digits.length === 15) ||
    (/^(?:6|50|81|82)/.test(digits) && digits.length >= 16) ||
    (/^3[068]/.test(digits) && digits.length === 14)
  );
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
