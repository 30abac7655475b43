import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Logger } from '#libs/observability/logger';
import { Rounds } from '#libs/runtime/rounds';
import { eventually } from '#libs/testing/builders';
import { PasswordStrength } from '../src/password-strength.ts';

const failures: unknown[] = [];
const logger = { warn: (fields: unknown) => failures.push(fields) } as unknown as Logger;
const strength = new PasswordStrength(logger, new Rounds(logger));

/** The first takes the start of the estimator along. */
beforeAll(async () => {
  await eventually(async () => {
    failures.length = 0;
    await strength.isGuessable('saffron kites over jaipur', { email: 'a@example.com' });
    return failures.length === 0;
  }, 60_000);
}, 60_000);
afterAll(() => strength.onApplicationShutdown());

const judged = (password: string): Promise<boolean> =>
  strength.isGuessable(password, { email: 'meera.nair@example.com', name: 'Meera Nair' });

describe('a password', () => {
  it.each([
    'letmein12345678',
    'iloveyou1234567',
    'sunshine2019!',
    'michaeljordan23',
    'qazwsxedc123',
    '1234qwerasdf',
    'superman12345',
    'monkeymonkey1',
    'starwarsstarwars',
    'mynameisjohn',
    'abcdefgh12345',
    'princess12345',
    'Krishna108108',
    'meeranair1234',
  ])('that leaked, or is made like those that did, is refused: %s', async (password) => {
    expect(await judged(password)).toBe(true);
  });

  it.each([
    'seven green parrots',
    'nine blue herons',
    'tW8#kd0Qz!ab',
    'गाँव में सात तोते',
    'saffron kites over jaipur',
    'only for the demo shop',
  ])('of a few words, or of letters by chance, is taken: %s', async (password) => {
    expect(await judged(password)).toBe(false);
  });

  it('of the longest kind is judged in time', async () => {
    expect(await judged('ab1!'.repeat(32))).toBe(true);
    expect(await judged(Array.from({ length: 21 }, (_, index) => `q${index}#Zx`).join(''))).toBe(false);
    expect(failures).toEqual([]);
  });
});
