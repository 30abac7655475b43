import { createHash, randomBytes } from 'node:crypto';

export const idPrefixes = ['order', 'pay', 'rfnd', 'disp', 'card', 'setl'] as const;
export type IdPrefix = (typeof idPrefixes)[number];

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const suffixLength = 14;
// Bytes from here on would make the first characters of the alphabet likelier than the rest.
const fairBelow = 256 - (256 % alphabet.length);

let pool = Buffer.alloc(0);
let used = 0;

/** 14 characters of [A-Za-z0-9], as Razorpay ends every id and names every webhook event. */
export function randomSuffix(): string {
  let text = '';
  while (text.length < suffixLength) {
    if (used === pool.length) {
      pool = randomBytes(4096);
      used = 0;
    }
    const byte = pool[used] ?? 0;
    used += 1;
    if (byte < fairBelow) text += alphabet[byte % alphabet.length];
  }
  return text;
}

export function newId(prefix: IdPrefix): string {
  return `${prefix}_${randomSuffix()}`;
}

export function isId(prefix: IdPrefix, id: string): boolean {
  return id.length === prefix.length + 1 + suffixLength && id.startsWith(`${prefix}_`) && /^[A-Za-z0-9]{14}$/.test(id.slice(-suffixLength));
}

/** The same suffix for the same text, for ids that must not change between two starts. */
export function suffixOf(text: string): string {
  return [...createHash('sha256').update(text).digest().subarray(0, suffixLength)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
