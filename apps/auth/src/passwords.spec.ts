import { expect, it } from 'vitest';
import { Refusal } from '#libs/contracts/errors';
import { isGuessable, Passwords } from './passwords.ts';

const EMAIL = 'meera.nair@example.com';

it.each([
  'password1234',
  'P@ssw0rd#2031!',
  '!!Welcome!!2026',
  'Krishna108108',
  'iloveyou#1234',
  'aaaaaaaaaaaa',
  'xyxyxyxyxyxyxy',
  '123456789012',
  'zyxwvutsrqpo',
  'QwertyUiopAs',
  'correct horse battery staple',
  'Only2U is my shop',
  'my-only-2-u-login',
  'MeeraNair#1998',
  'i am meera.nair',
])('is guessable: %s', (password) => {
  expect(isGuessable(password, EMAIL)).toBe(true);
});

it.each([
  'seven green parrots',
  'saffron kites over jaipur',
  'tW8#kd0Qz!ab',
  'गाँव में सात तोते',
  'passing words along',
  'meera likes mangoes',
])('is not guessable: %s', (password) => {
  expect(isGuessable(password, EMAIL)).toBe(false);
});

it('does not take a short local part for a hint', () => {
  expect(isGuessable('a walk in the park', 'al@example.com')).toBe(false);
});

it('checks two passwords at a time, lets a hundred wait and refuses the next', async () => {
  const passwords = new Passwords();
  const outcomes = await Promise.allSettled(Array.from({ length: 105 }, () => passwords.hash('seven green parrots')));
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(3);
  for (const outcome of refused)
    expect((outcome as PromiseRejectedResult).reason).toSatisfy((error) => error instanceof Refusal && error.code === 'unavailable');
  expect(await passwords.matches(await passwords.hash('a'), 'a')).toBe(true);
});

it('matches nothing against an account that is not there, not even what its decoy was made from', async () => {
  expect(await new Passwords().matches(undefined, 'nobody has this password')).toBe(false);
});
