import { describe, expect, it } from 'vitest';
import { withoutCardNumbers } from './card-numbers.ts';

/** Repeatable numbers from 0 up to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('card numbers', () => {
  it('are masked whatever digits stand beside them, and those stay', () => {
    const masked = '**** **** **** 1111';
    const texts = {
      '4111 1111 1111 1111': masked,
      '4111 1111 1111 1111 12/27': `${masked} 12/27`,
      '4111 1111 1111 1111 123': `${masked} 123`,
      '4111111111111111 123': '************1111 123',
      '4111 1111 1111 1111 12 27 123': `${masked} 12 27 123`,
      '27 4111 1111 1111 1111': `27 ${masked}`,
      '1234 4111 1111 1111 1111': `1234 ${masked}`,
      '4111 1111 1111 1111 5555 5555 5555 4444': `${masked} **** **** **** 4444`,
      '4111111111111111 5555555555554444': '************1111 ************4444',
      '3782 822463 10005 1234': '**** ****** *0005 1234',
      '4111-1111-1111-1111-12': '****-****-****-1111-12',
      '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1': '* * * * * * * * * * * * 1 1 1 1',
      '3056 930902 5904': '**** ****** 5904',
      x4111111111111111y: 'x************1111y',
    };
    expect(Object.keys(texts).map(withoutCardNumbers)).toEqual(Object.values(texts));
  });

  it('are told from phone and order numbers, alone and beside each other', () => {
    const random = randomFrom(7);
    const digits = (count: number): string => Array.from({ length: count }, () => Math.floor(random() * 10)).join('');
    const mobile = (): string => `${6 + Math.floor(random() * 4)}${digits(9)}`;
    const phones = [
      () => `+91 ${mobile()}`,
      () => mobile().replace(/^(.{5})/, '$1 '),
      () => `91-${mobile()}`,
      () => mobile().replace(/^(...)(...)/, '$1-$2-'),
    ];
    const orders = [() => `O2U-26-${digits(6)}`, () => `#${digits(8)}`, () => `AWB ${digits(12)}`];
    const anyOf = (makers: readonly (() => string)[]): string => makers[Math.floor(random() * makers.length)]?.() ?? '';
    for (let round = 0; round < 5_000; round += 1) {
      const text = anyOf([
        () => anyOf(phones),
        () => anyOf(orders),
        () => `${anyOf(orders)} ${anyOf(phones)}`,
        () => `${anyOf(phones)} ${anyOf(phones)}`,
        () => `${anyOf(orders)}, ${digits(6)}`,
      ]);
      expect(withoutCardNumbers(text)).toBe(text);
    }
  });

  it('keep nothing but their last four digits, however they are grouped in fours', () => {
    const random = randomFrom(11);
    for (let round = 0; round < 1_000; round += 1) {
      const body = `4${Array.from({ length: 14 }, () => Math.floor(random() * 10)).join('')}`;
      const card = Array.from({ length: 10 }, (_, digit) => `${body}${digit}`).find((each) => withoutCardNumbers(each) !== each) ?? '';
      const written = random() < 0.5 ? card : card.replace(/(....)(?=.)/g, random() < 0.5 ? '$1 ' : '$1-');
      const shown = withoutCardNumbers(`card ${written} 09/28 cvv 123`);
      expect(shown.replace(/\D/g, '')).toBe(`${card.slice(-4)}0928123`);
    }
  });
});
