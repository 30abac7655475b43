import { COMMON_PASSWORDS, COMMON_WORDS } from './common-passwords.ts';

/** Shortest part of an address that says something about its owner. */
const TELLING_LENGTH = 4;

/**
 * Whether a password is among those that are tried first: leaked lists, a common word dressed up with digits and signs, the shop's name, the
 * own address, one character or a row of keys repeated.
 */
export function isGuessable(password: string, email: string): boolean {
  const plain = password.toLowerCase();
  const letters = plain.replace(/[^\p{L}\p{N}]/gu, '');
  const local = (email.toLowerCase().split('@')[0] ?? '').replace(/[^\p{L}\p{N}]/gu, '');
  return (
    COMMON_PASSWORDS.has(plain) ||
    COMMON_PASSWORDS.has(letters) ||
    COMMON_WORDS.has(undressed(plain)) ||
    /^(.{1,4})\1+.{0,3}$/u.test(plain) ||
    isRun(plain) ||
    letters.includes('only2u') ||
    letters.includes('onlytoyou') ||
    (local.length >= TELLING_LENGTH && letters.includes(local))
  );
}

const SIGNS_FOR_LETTERS: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
};

/** `P@ssw0rd#2031` → `password`: without what stands before and after the word, and with letters for the signs inside it. */
function undressed(plain: string): string {
  const word = /\p{L}(?:.*\p{L})?/u.exec(plain)?.[0] ?? '';
  return word.replace(/[@4310$57!]/g, (sign) => SIGNS_FOR_LETTERS[sign] ?? sign).replace(/[^\p{L}]/gu, '');
}

/** 123456789012, abcdefghijkl, qwertyuiopas. */
function isRun(text: string): boolean {
  const rows = [
    '01234567890123456789',
    '98765432109876543210',
    'abcdefghijklmnopqrstuvwxyz',
    'zyxwvutsrqponmlkjihgfedcba',
    'qwertyuiopasdfghjklzxcvbnm',
    '1234567890qwertyuiop',
    '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  ];
  return rows.some((row) => row.includes(text) || (row + row).includes(text));
}
